import { RegistryError } from '@arc3088/problems'
import { recordHash } from '@arc3088/records'
import { z } from 'zod'

import type { RootDeps } from '../deps.ts'
import type { ReceivedRequest } from '../federation/signed-request.ts'
import { agreementIdOf, agreementName } from './agreement-name.ts'
import { fetchEvents } from './fetch-events.ts'
import { receiveFromRoot } from './receive-from-root.ts'
import { takeEvent } from './take-event.ts'

const EVENT_LENGTH_MAX = 65_536
const Body = z.strictObject({ event: z.string().min(1).max(EVENT_LENGTH_MAX) })

/** How an event was received. */
export interface EventReceived {
  readonly jti: string
  readonly hash: string
  readonly created: boolean
}

/**
 * Takes an event of another party (W9): verified with its place in the sender's chain. Where events before it are missing
 * here the sender is asked for them once; a second event for one place is refused and kept as proof.
 *
 * @throws RegistryError `agreement-not-found`, `agreement-invalid`, `agreement-forked`, `agreement-event-gap`, and as
 * `receiveFromRoot`.
 */
export async function receiveEvent(
  deps: RootDeps,
  received: ReceivedRequest,
  name: string,
): Promise<EventReceived> {
  const id = agreementIdOf(name)
  const { sender, body } = await receiveFromRoot(deps, received, Body)
  const take = async (jws: string) => await takeEvent(deps, { id, jws, sender: sender.entityId })
  let taken = await take(body.event)
  if (taken.kind === 'gap') {
    const missing = (await fetchEvents(deps, sender.entityId, id)).filter(
      ({ claims }) => claims.iss === sender.entityId,
    )
    for (const { jws } of missing.toSorted((a, b) => a.claims.seq - b.claims.seq)) await take(jws)
    taken = await take(body.event)
  }
  if (taken.kind === 'gap') throw new RegistryError('agreement-event-gap', taken.detail)
  if (taken.kind === 'forked') throw new RegistryError('agreement-forked', taken.detail)
  const hash = await recordHash(body.event)
  return { jti: agreementName(id), hash, created: taken.kind === 'taken' }
}
