import { RegistryError } from '@arc3088/problems'
import {
  AGREEMENT_EVENTS_BYTES_MAX,
  AGREEMENT_EVENTS_MAX,
  parseStrictJson,
  readAgreementEvent,
  recordHash,
  StrictJsonError,
  type SignedEvent,
} from '@arc3088/records'
import { z } from 'zod'

import type { RootDeps } from '../deps.ts'
import { agreementUri } from './agreement-name.ts'

/** The events that parties may make, and key sets beside them. */
const BYTES_MAX = AGREEMENT_EVENTS_BYTES_MAX + 1_048_576

const Events = z.object({ events: z.array(z.string().min(1)).max(AGREEMENT_EVENTS_MAX) })

/** An event as another root serves it; nothing of it is verified. */
export type FetchedEvent = SignedEvent

/** Asks a pinned root for the events of an agreement; none where it does not answer with any. */
export async function fetchEvents(
  deps: RootDeps,
  entityId: string,
  id: string,
): Promise<readonly FetchedEvent[]> {
  await deps.foreignRoots.demandPinned(entityId)
  try {
    const url = `${agreementUri(entityId, id)}/events`
    const { status, body } = await deps.door.fetch({ url, bytesMax: BYTES_MAX })
    const parsed = status === 200 ? Events.safeParse(parseStrictJson(body)) : undefined
    const events: FetchedEvent[] = []
    for (const jws of parsed?.data?.events ?? []) {
      const read = readAgreementEvent(jws)
      if (read.kind === 'read') events.push({ claims: read.claims, jws, hash: await recordHash(jws) })
    }
    return events
  } catch (error) {
    if (error instanceof RegistryError || error instanceof StrictJsonError) return []
    throw error
  }
}
