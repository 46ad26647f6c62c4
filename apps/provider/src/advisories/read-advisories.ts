import { readSubject, contains, type Subject } from '@arc3088/codec'
import { RegistryError } from '@arc3088/problems'
import { readAdvisory, type Advisory } from '@arc3088/records'

import type { ProviderDeps } from '../deps.ts'
import { readNewestAdvisories, type StoredAcknowledgement, type StoredAdvisory } from './advisory.store.ts'

/** The newest version of an advisory that concerns this provider, and what its staff said to it. */
export interface OwnAdvisory {
  readonly claims: Advisory
  readonly stored: StoredAdvisory
  /** The codes and prefixes of the advisory that are this provider's. */
  readonly codes: readonly string[]
  readonly acknowledgement: StoredAcknowledgement | undefined
}

/** Reads every advisory that concerns this provider, newest first; none while it has no code. */
export async function readOwnAdvisories(deps: ProviderDeps): Promise<OwnAdvisory[]> {
  if (!deps.appointment.isKnown()) return []
  const own = deps.appointment.demand().code
  return (await readNewestAdvisories(deps.node.db)).map(({ advisory, acknowledgement }) => {
    const read = readAdvisory(advisory.jws)
    if (read.kind === 'rejected') throw new Error(`a stored advisory is none: ${read.detail}`)
    const { claims } = read
    return { claims, stored: advisory, codes: ownCodes(claims.affected, own), acknowledgement }
  })
}

/** Reads one by its UUID. @throws RegistryError `advisory-not-found`. */
export async function readOwnAdvisory(deps: ProviderDeps, id: string): Promise<OwnAdvisory> {
  const found = (await readOwnAdvisories(deps)).find(({ stored }) => stored.advisory === id)
  if (found === undefined)
    throw new RegistryError('advisory-not-found', `No advisory ${id} concerns this provider`)
  return found
}

function ownCodes(affected: readonly string[], own: Subject): readonly string[] {
  return affected.filter((text) => {
    const subject = readSubject(text, { prefixes: [own.prefix] })
    return subject.kind !== 'malformed' && contains(own, subject)
  })
}
