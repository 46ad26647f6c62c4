import { RegistryError } from '@arc3088/problems'
import { parseStrictJson, readAgreementEvent, StrictJsonError } from '@arc3088/records'
import { z } from 'zod'

import type { RootDeps } from '../deps.ts'
import { agreementUri } from './agreement-name.ts'

const EVENTS_MAX = 4096
const EVENTS_BYTES_MAX = 8 * 1_048_576

const Events = z.object({ events: z.array(z.string().min(1)).max(EVENTS_MAX) })

/** An event as another root serves it; nothing of it is verified. */
export interface FetchedEvent {
  readonly iss: string
  readonly seq: number
  readonly jws: string
}

/** Asks a pinned root for the events of an agreement; none where it does not answer with any. */
export async function fetchEvents(
  deps: RootDeps,
  entityId: string,
  id: string,
): Promise<readonly FetchedEvent[]> {
  await deps.foreignRoots.demandPinned(entityId)
  try {
    const url = `${agreementUri(entityId, id)}/events`
    const { status, body } = await deps.door.fetch({ url, bytesMax: EVENTS_BYTES_MAX })
    const parsed = status === 200 ? Events.safeParse(parseStrictJson(body)) : undefined
    return (parsed?.data?.events ?? []).flatMap((jws) => {
      const read = readAgreementEvent(jws)
      return read.kind === 'read' ? [{ iss: read.claims.iss, seq: read.claims.seq, jws }] : []
    })
  } catch (error) {
    if (error instanceof RegistryError || error instanceof StrictJsonError) return []
    throw error
  }
}
