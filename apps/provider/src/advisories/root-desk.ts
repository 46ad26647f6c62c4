import { RegistryError } from '@arc3088/problems'
import type { PublicJwk, Rejected } from '@arc3088/records'
import { numericDate, type Ambient, type OutboundDoor } from '@arc3088/service'
import type { Kysely } from 'kysely'

import type { AppointmentDoor } from '../appointment/appointment.ts'
import type { ProviderTables } from '../db/tables.ts'
import { federationKeysOf } from '../keys/endorsement-answer.ts'

/** How the documents of the root's desk are had. */
export interface RootDesk {
  readonly db: Kysely<ProviderTables>
  readonly ambient: Ambient
  readonly door: OutboundDoor
  readonly rootUrl: string
  readonly appointment: AppointmentDoor
}

/** By what a document of the root is believed now: its keys as its verified configuration names them. */
export function rootTrust({ appointment, ambient, rootUrl }: RootDesk): {
  keys: readonly PublicJwk[]
  issuer: string
  at: number
} {
  const keys = federationKeysOf(appointment.demand().word.root_configuration)
  return { keys, issuer: rootUrl, at: numericDate(ambient.now()) }
}

/** Fetches a document of the root's own origin. @throws RegistryError `upstream-unreachable` for any other answer. */
export async function fetchOfRoot(
  { door, rootUrl }: RootDesk,
  request: { path: string; mediaType: string; bytesMax: number },
): Promise<string> {
  const { path, mediaType: accept, bytesMax } = request
  const { status, mediaType, body } = await door.fetch({
    url: `${rootUrl}${path}`,
    headers: { accept },
    bytesMax,
  })
  if (status === 200 && mediaType === accept) return body
  throw disbelieved(`${path} was answered ${status} ${mediaType}`)
}

/** Why a document of the root is not taken. */
export function disbelieved(why: string | Rejected): RegistryError {
  const detail = typeof why === 'string' ? why : `${why.reason}: ${why.detail}`
  return new RegistryError('upstream-unreachable', `The root's document is not taken: ${detail}`)
}
