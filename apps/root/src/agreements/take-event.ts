import { insertAuditEntry, issuerTables, queueEntries } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { readAgreementEvent, recordHash, timeFault } from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import { verifyEventChain } from '@arc3088/trust'
import type { Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import type { ForeignRoot } from '../foreign-roots/foreign-root.ts'
import { agreementName } from './agreement-name.ts'
import { demandAgreement, insertAgreementEvent } from './agreement.store.ts'
import { keepFork } from './keep-fork.ts'
import type { KnownAgreement } from './known-agreement.ts'
import { lockAgreement } from './sign-terms.ts'

/** What became of an event that was told. */
export type Taken =
  | { readonly kind: 'known' | 'taken' }
  | { readonly kind: 'gap' | 'forked'; readonly detail: string }

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

/**
 * Takes an event as its issuer signed it: verified with its place in the issuer's chain, kept with its place in the log. A
 * second event for one place is kept as proof.
 *
 * @throws RegistryError `agreement-not-found`, `agreement-invalid`, `foreign-root-unknown`.
 */
export async function takeEvent(
  deps: RootDeps,
  { id, jws, sender }: { id: string; jws: string; sender: string },
): Promise<Taken> {
  await demandOwnKeys(deps, await deps.foreignRoots.demandPinned(sender), jws)
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
    const place = own.find(({ claims }) => claims.seq === seq)
    const following = place === undefined ? own : own.filter(({ claims }) => claims.seq < seq)
    const keysOf = await deps.agreements.keysOf([iss])
    const verified = await verifyEventChain([...following.map((event) => event.jws), jws], known, keysOf)
    if ('kind' in verified) {
      if (verified.reason === 'event-missing') return { kind: 'gap', detail: verified.detail }
      throw invalid(`${verified.reason}: ${verified.detail}`)
    }
    if (place !== undefined) {
      const other = { claims: read.claims, jws, hash }
      const fork = { entityId: iss, seq, known: place, other }
      await keepFork(deps, tx, { agreement: known, fork, toldBy: iss })
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
