import { issuerTables, queueEntries } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { eventRoomFault, recordHash, signAgreementEvent, type AgreementEvent } from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import { isInTurn, verifyEventChain } from '@arc3088/trust'
import type { Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { agreementName } from './agreement-name.ts'
import { insertAgreementEvent } from './agreement.store.ts'
import { queueDeliveries } from './delivery.store.ts'
import type { KnownAgreement } from './known-agreement.ts'

/** What an event says besides its place, its makers and its times. */
export type EventWord = Pick<
  AgreementEvent,
  'event' | 'towards' | 'reason' | 'jwks' | 'root_keys_thumbprints'
> & {
  /** Null: at once. */
  readonly effective: number | null
}

/**
 * The next event of this root, as it would be signed now. It takes effect when it says, and never before the activation of
 * this root does. @throws RegistryError `agreement-state` where it would change nothing, or has no place.
 */
export function nextEvent(
  deps: Pick<RootDeps, 'node'>,
  agreement: KnownAgreement,
  word: EventWord,
  at: Date,
): AgreementEvent {
  const { entityId, ambient } = deps.node
  const own = agreement.events.filter(({ claims }) => claims.iss === entityId)
  const last = own.at(-1)
  const iat = Math.max(numericDate(at), last?.claims.iat ?? 0)
  const activated = own.find(({ claims }) => claims.event === 'activate')?.claims.effective ?? 0
  const { effective, ...rest } = word
  const event: AgreementEvent = {
    iss: entityId,
    iat,
    jti: ambient.newId(),
    agreement: agreementName(agreement.id),
    agreement_hash: agreement.hash,
    seq: (last?.claims.seq ?? 0) + 1,
    prev: last?.hash ?? null,
    effective: Math.max(effective ?? iat, iat, word.event === 'activate' ? 0 : activated),
    ...rest,
  }
  const refuse = (detail: string) => new RegistryError('agreement-state', detail)
  // Whoever numbers from what counts would sign a second event for a place, and be found out as a liar himself.
  if (agreement.lastOwnPlace >= event.seq)
    throw refuse(
      `Event ${agreement.lastOwnPlace} of this root is kept and does not count: none can follow it`,
    )
  const taken = own.map((each) => ({ event: each.claims.event, bytes: each.jws.length }))
  // How long it will be as signed, the verification before it is kept tells.
  const room = eventRoomFault([...taken, { event: event.event, bytes: 0 }])
  if (room !== undefined) throw refuse(`There is no room for it: ${room}`)
  const earlier = own.map(({ claims }) => claims)
  if (!isInTurn(event, agreement.claims, earlier))
    throw refuse(`${word.event} changes nothing about how this root stands in the agreement`)
  return event
}

/**
 * Signs the next event of this root, and keeps it with its place in the log and its way to every other party. Whoever calls
 * holds the lock of the agreement, and has a verified decision for it. Answers the hash of the event.
 */
export async function signEvent(
  deps: RootDeps,
  tx: Transaction<RootTables>,
  agreement: KnownAgreement,
  word: EventWord,
  at: Date,
): Promise<string> {
  const { entityId, keys, ambient } = deps.node
  const event = nextEvent(deps, agreement, word, at)
  const jws = await signAgreementEvent(keys.active('federation'), event)
  await demandVerifiable(deps, agreement, jws)
  const hash = await recordHash(jws)
  await insertAgreementEvent(tx, {
    id: agreement.id,
    entityId,
    seq: event.seq,
    hash,
    jws,
    receivedAt: at,
  })
  await queueEntries(
    issuerTables(tx),
    [{ v: 1, t: 'agreement', c: event.agreement, h: hash, i: event.iat }],
    at,
  )
  const others = agreement.claims.parties.filter((party) => party.entity_id !== entityId)
  const recipients = others.map((party) => party.entity_id)
  await queueDeliveries(
    tx,
    recipients.map((recipient) => ({
      agreement: agreement.id,
      recipient,
      kind: 'event' as const,
      event: hash,
      requestId: ambient.newId(),
    })),
    at,
  )
  return hash
}

/** A key that the others do not know as this root's must not sign: they could not tell it from a forger's. */
async function demandVerifiable(deps: RootDeps, agreement: KnownAgreement, jws: string): Promise<void> {
  const { entityId } = deps.node
  const own = agreement.events.filter(({ claims }) => claims.iss === entityId).map((event) => event.jws)
  const verified = await verifyEventChain([...own, jws], agreement, await deps.agreements.keysOf([]))
  if ('kind' in verified)
    throw new RegistryError(
      'agreement-state',
      `The event would not verify: ${verified.reason}: ${verified.detail}`,
    )
}
