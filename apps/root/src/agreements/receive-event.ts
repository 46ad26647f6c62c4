import { insertAuditEntry, issuerTables, queueEntries } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { readAgreementEvent, recordHash, timeFault } from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import { verifyEventChain } from '@arc3088/trust'
import type { Transaction } from 'kysely'
import { z } from 'zod'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import type { ReceivedRequest } from '../federation/signed-request.ts'
import type { ForeignRoot } from '../foreign-roots/foreign-root.ts'
import { agreementIdOf, agreementName } from './agreement-name.ts'
import { demandAgreement, insertAgreementEvent, insertContradiction } from './agreement.store.ts'
import { fetchEvents } from './fetch-events.ts'
import type { KnownAgreement } from './known-agreement.ts'
import { receiveFromRoot } from './receive-from-root.ts'
import { EVENTS_OF_PARTY_MAX } from './sign-event.ts'
import { lockAgreement } from './sign-terms.ts'

const EVENT_LENGTH_MAX = 65_536
const Body = z.strictObject({ event: z.string().min(1).max(EVENT_LENGTH_MAX) })

/** How an event was received. */
export interface EventReceived {
  readonly jti: string
  readonly hash: string
  readonly created: boolean
}

type Taken =
  | { readonly kind: 'known' | 'taken' }
  | { readonly kind: 'gap' | 'forked'; readonly detail: string }

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
  const take = async (jws: string) => {
    await demandOwnKeys(deps, sender, jws)
    return await takeEvent(deps, { id, jws, sender: sender.entityId })
  }
  let taken = await take(body.event)
  if (taken.kind === 'gap') {
    const missing = (await fetchEvents(deps, sender.entityId, id)).filter(
      (event) => event.iss === sender.entityId,
    )
    for (const { jws } of missing.toSorted((a, b) => a.seq - b.seq)) await take(jws)
    taken = await take(body.event)
  }
  if (taken.kind === 'gap') throw new RegistryError('agreement-event-gap', taken.detail)
  if (taken.kind === 'forked') throw new RegistryError('agreement-forked', taken.detail)
  const hash = await recordHash(body.event)
  return { jti: agreementName(id), hash, created: taken.kind === 'taken' }
}

/**
 * An update tells of keys that the root keys of the sender have named: a federation key alone cannot bring in others. One
 * that has been replaced since is of no harm, since no verifier takes it; and what came after the update would wait for ever.
 */
async function demandOwnKeys(deps: RootDeps, sender: ForeignRoot, jws: string): Promise<void> {
  const read = readAgreementEvent(jws)
  if (read.kind === 'rejected') throw invalid(`${read.reason}: ${read.detail}`)
  const isNamed = async (kid: string) =>
    (await deps.foreignRoots.everyKey(sender.entityId)).some((key) => key.kid === kid)
  for (const { kid } of read.claims.jwks?.keys ?? []) {
    // Asked of the sender again where it is new here.
    if (!(await isNamed(kid))) await deps.foreignRoots.currentKeys(sender, kid)
    if (!(await isNamed(kid)))
      throw invalid(`Key ${kid} is in no key set of ${sender.entityId} that is known here`)
  }
}

async function takeEvent(
  deps: RootDeps,
  { id, jws, sender }: { id: string; jws: string; sender: string },
): Promise<Taken> {
  return await deps.node.db.transaction().execute(async (tx) => {
    await lockAgreement(tx, id)
    const known = demandAgreement(await deps.agreements.read(tx, id), agreementName(id))
    const read = readAgreementEvent(jws)
    if (read.kind === 'rejected') throw invalid(`${read.reason}: ${read.detail}`)
    const { iss, seq } = read.claims
    if (iss !== sender) throw invalid(`The event is of ${iss}`)
    const late = timeFault({ iat: read.claims.iat }, numericDate(deps.node.ambient.now()))
    if (late !== undefined) throw invalid(`The event is ${late}`)
    const hash = await recordHash(jws)
    const own = known.events.filter(({ claims }) => claims.iss === iss)
    if (own.some((event) => event.hash === hash)) return { kind: 'known' }
    if (seq > EVENTS_OF_PARTY_MAX) throw invalid(`A party makes ${EVENTS_OF_PARTY_MAX} events at most`)
    const place = own.find(({ claims }) => claims.seq === seq)
    const following = place === undefined ? own : own.filter(({ claims }) => claims.seq < seq)
    const keysOf = await deps.agreements.keysOf([iss])
    const verified = await verifyEventChain([...following.map((event) => event.jws), jws], known, keysOf)
    if ('kind' in verified) {
      if (verified.reason === 'event-missing') return { kind: 'gap', detail: verified.detail }
      throw invalid(`${verified.reason}: ${verified.detail}`)
    }
    if (place !== undefined) {
      const contradiction = { id, entityId: iss, seq, known: place.jws, other: jws, otherHash: hash }
      await insertContradiction(tx, contradiction, deps.node.ambient.now())
      deps.node.log.error({ 'entity.id': iss, 'agreement.id': id }, 'a party signed two events for one place')
      return { kind: 'forked', detail: `Event ${seq} of ${iss} is ${place.hash}` }
    }
    await keep(deps, tx, known, { iss, seq, hash, jws })
    return { kind: 'taken' }
  })
}

/** What another party says stands in this root's log too: when it was known here can be proved. */
async function keep(
  { node }: RootDeps,
  tx: Transaction<RootTables>,
  agreement: KnownAgreement,
  { iss, seq, hash, jws }: { iss: string; seq: number; hash: string; jws: string },
): Promise<void> {
  const at = node.ambient.now()
  await insertAgreementEvent(tx, { id: agreement.id, entityId: iss, seq, hash, jws, receivedAt: at })
  const entry = { v: 1, t: 'agreement', c: agreement.claims.jti, h: hash, i: numericDate(at) } as const
  await queueEntries(issuerTables(tx), [entry], at)
  await insertAuditEntry(issuerTables(tx), {
    id: node.ambient.newId(),
    at,
    actor: iss,
    act: 'agreement:receive-event',
    object: `agreement:${agreement.id}`,
    reason: null,
    detail: { seq, hash },
  })
  node.ambient.reached('agreement:event-received')
}

function invalid(detail: string): RegistryError {
  return new RegistryError('agreement-invalid', detail)
}
