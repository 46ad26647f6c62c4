import {
  expirePending,
  insertAuditEntry,
  insertOfficerKey,
  insertOfficerSet,
  issuerTables,
  lockOperator,
  OFFICERS_CHANGE,
  queueEntries,
  readKeyIds,
  readOwnKey,
  revokeSessionsOfKeys,
  type KnownOfficerSet,
} from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { recordHash, signOfficerSet, type PublicJwk } from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import type { Transaction } from 'kysely'

import { defineAct, type AnyAct, type Approved } from '../acts/act.ts'
import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { ChangeOfficers, ChangeOfficersAsk, faultOfSet, thresholdsOf } from './next-officer-set.ts'
import { readHolders } from './office.ts'
import { demandFreshOwnKey } from './officer-key.ts'

/** What a change of officers led to. */
interface OfficersChanged {
  readonly seq: number
  /** Identity of the new set. */
  readonly officer_set: string
}

/**
 * Makes the next officer set: exactly the keys and thresholds that the officers of the set before decided. With it every
 * other pending proposal is void, since those who were asked are no longer those who decide; and sessions end that a key
 * began which is no longer named.
 *
 * @param kinds Every kind of act that there is, so that a threshold for none is refused.
 */
export function changeOfficers(kinds: () => readonly string[]): AnyAct {
  return defineAct<ChangeOfficersAsk, ChangeOfficers, OfficersChanged>({
    kind: OFFICERS_CHANGE,
    summary: 'Make the next officer set: who decides, by keys, and how many of them',
    proposers: ['officer'],
    ask: ChangeOfficersAsk,
    payload: ChangeOfficers,
    async prepare(deps, tx, ask) {
      const set = await deps.decisions.currentSet()
      const keys: PublicJwk[] = []
      const holders: Record<string, string> = {}
      for (const { operator, jwk } of ask.officers) {
        const key = jwk ?? (await findKey(tx, set, operator))
        keys.push(key)
        holders[key.kid] = operator
      }
      const { threshold, thresholds } = ask
      const payload = { keys, threshold, ...(thresholds === undefined ? {} : { thresholds }), holders }
      await demandNextSet(deps, tx, { payload, kinds: kinds() })
      return { payload, objects: ['officers'] }
    },
    async concerns({ deps, tx, payload }) {
      const holders = await readHolders(tx, await deps.decisions.currentSet())
      const left = holders.filter(({ operator }) => !Object.values(payload.holders).includes(operator))
      return left.map(({ operator }) => operator)
    },
    async carryOut(deps, tx, approved) {
      const fresh = await demandNextSet(deps, tx, { payload: approved.payload, kinds: kinds() })
      return await writeNextSet(deps, tx, { approved, fresh })
    },
    settle(deps) {
      deps.node.authenticate.forget()
      return Promise.resolve()
    },
  })
}

/** The key of an officer who stays, or the newest of one who comes. */
async function findKey(
  tx: Transaction<RootTables>,
  { claims }: KnownOfficerSet,
  operator: string,
): Promise<PublicJwk> {
  const issuer = issuerTables(tx)
  const own = (await readKeyIds(issuer, [operator])).get(operator) ?? []
  const named = claims.keys.find(({ kid }) => own.includes(kid))
  if (named !== undefined) return named
  const newest = own.at(-1)
  const key = newest === undefined ? undefined : await readOwnKey(issuer, newest)
  if (key === undefined) throw new RegistryError('officer-key-unknown', `Operator ${operator} has no key`)
  return key.jwk
}

/** Judges the next set, and answers the keys in it that nobody had before. */
async function demandNextSet(
  deps: RootDeps,
  tx: Transaction<RootTables>,
  { payload, kinds }: { payload: ChangeOfficers; kinds: readonly string[] },
): Promise<{ operator: string; jwk: PublicJwk }[]> {
  const fault = faultOfSet(payload, kinds)
  if (fault !== undefined) throw new RegistryError(fault.because, fault.detail)
  const issuer = issuerTables(tx)
  const fresh: { operator: string; jwk: PublicJwk }[] = []
  for (const jwk of payload.keys) {
    const operator = payload.holders[jwk.kid] ?? ''
    const row = await lockOperator(issuer, operator)
    if (row === undefined) throw new RegistryError('operator-not-found', `There is no operator ${operator}`)
    if (row.disabledAt !== null || row.role !== 'officer')
      throw new RegistryError('operator-state', `Operator ${operator} is no officer at the desk`)
    const known = await readOwnKey(issuer, jwk.kid)
    if (known === undefined) {
      await demandFreshOwnKey(deps, tx, jwk)
      fresh.push({ operator, jwk })
    } else if (known.operator !== operator) {
      throw new RegistryError('officer-key-known', `Key ${jwk.kid} is somebody else's`)
    }
  }
  return fresh
}

async function writeNextSet(
  deps: RootDeps,
  tx: Transaction<RootTables>,
  {
    approved,
    fresh,
  }: { approved: Approved<ChangeOfficers>; fresh: readonly { operator: string; jwk: PublicJwk }[] },
): Promise<OfficersChanged> {
  const { payload, proposalId, approver, decidedAt: at, hash: decision } = approved
  const { ambient, entityId, keys } = deps.node
  const issuer = issuerTables(tx)
  const set = await deps.decisions.currentSet()
  const seq = set.claims.seq + 1
  const jws = await signOfficerSet(keys.active('federation'), {
    iss: entityId,
    iat: numericDate(at),
    seq,
    prev: set.hash,
    ...thresholdsOf(payload),
    keys: payload.keys,
    decision,
  })
  const hash = await recordHash(jws)
  ambient.reached('officers:signed')
  for (const { operator, jwk } of fresh) await insertOfficerKey(issuer, { operator, jwk, enrolledAt: at })
  await insertOfficerSet(issuer, { seq, hash, jws, createdAt: at })
  await queueEntries(
    issuer,
    [{ v: 1, t: 'decision', c: `officer-set:${seq}`, h: hash, i: numericDate(at) }],
    at,
  )
  const named = new Set(payload.keys.map(({ kid }) => kid))
  const gone = set.claims.keys.map(({ kid }) => kid).filter((kid) => !named.has(kid))
  await revokeSessionsOfKeys(issuer, gone, at)
  await expirePending(issuer, proposalId, at)
  await insertAuditEntry(issuer, {
    id: ambient.newId(),
    at,
    actor: approver,
    act: OFFICERS_CHANGE,
    object: `officer-set:${seq}`,
    reason: null,
    detail: { hash, decision, holders: payload.holders },
  })
  ambient.reached('officers:changed')
  return { seq, officer_set: hash }
}
