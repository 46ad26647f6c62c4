import { RegistryError } from '@arc3088/problems'
import {
  decisionHash,
  jcsDigest,
  readOfficerSet,
  recordHash,
  verifyDecision,
  type OfficerSet,
} from '@arc3088/records'
import { numericDate, type Log } from '@arc3088/service'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { VerifiedDecision } from './decided.ts'
import { readPinnedOfficerSet } from './officer-set-file.ts'
import { readDecisionsAfter, readOfficerSets, type StoredDecision } from './officer.store.ts'
import { OFFICERS_CHANGE, OfficersChange } from './officers-change.ts'

/** An officer set with its identity (W0). */
export interface KnownOfficerSet {
  readonly claims: OfficerSet
  readonly hash: string
  readonly jws: string
}

/**
 * What the officers of this node decided, as far as it can be proved: the one thing that a signature of the node may
 * follow from. Rows that no decision bears out are as if they were not there.
 */
export interface DecisionBook {
  /** Every verified decision of these kinds, in the order in which they were carried out. */
  verified(kinds: readonly string[]): Promise<readonly VerifiedDecision[]>
  /** One decision; throws `decision-unproven` where it is missing or does not verify. */
  demand(proposalId: string, kind: string): Promise<VerifiedDecision>
  /** The set that decides now; throws `officers-not-enrolled` before the ceremony. */
  currentSet(): Promise<KnownOfficerSet>
  /** All sets that are proved, oldest first. */
  sets(): Promise<readonly KnownOfficerSet[]>
  /** How many stored decisions are not borne out; 0 before the ceremony. */
  countUnproven(): Promise<number>
}

interface Pages {
  readonly sets: KnownOfficerSet[]
  readonly decisions: Map<string, VerifiedDecision>
  unproven: number
  last: number
}

/**
 * Opens the book. It is read forward from the officer set that is pinned in a file: each decision must be of the set that
 * was in force when it was carried out, and each later set must rest on a decision of the one before. Decisions are
 * written one after the other under the desk's lock, so that none ever appears behind one that was read.
 */
export function openDecisionBook(parts: {
  db: Kysely<IssuerTables>
  keysDir: string
  entityId: string
  log: Log
}): DecisionBook {
  const { db, keysDir, entityId, log } = parts
  let pages: Pages | undefined
  let reading: Promise<Pages> | undefined

  async function open(): Promise<Pages | undefined> {
    const jws = readPinnedOfficerSet(keysDir)
    if (jws === undefined) return undefined
    const pinned = readOfficerSet(jws)
    if (pinned.kind === 'rejected') throw unproven(`the pinned officer set: ${pinned.detail}`)
    if (pinned.claims.iss !== entityId || pinned.claims.seq !== 1)
      throw unproven('the pinned officer set is not the first of this node')
    const first = { claims: pinned.claims, hash: await recordHash(jws), jws }
    return { sets: [first], decisions: new Map(), unproven: 0, last: 0 }
  }

  async function read(): Promise<Pages> {
    pages ??= await open()
    if (pages === undefined)
      throw new RegistryError('officers-not-enrolled', 'Enrol the first officers with officers:enrol')
    const stored = await readDecisionsAfter(db, pages.last)
    for (const decision of stored) {
      await turn(pages, decision)
      pages.last = decision.ordinal
    }
    return pages
  }

  async function turn(book: Pages, stored: StoredDecision): Promise<void> {
    const set = currentOf(book)
    const why = await whyUnproven(stored, set)
    if (why !== undefined) {
      book.unproven += 1
      log.error({ 'proposal.id': stored.proposalId }, `a decision is not borne out: ${why}`)
      return
    }
    const { proposalId, kind, payload, hash, decidedAt } = stored
    book.decisions.set(proposalId, { proposalId, kind, payload, hash, decidedAt })
    if (kind !== OFFICERS_CHANGE) return
    const next = await findNextSet(db, { set, payload, decision: hash })
    if (next === undefined)
      log.error({ 'proposal.id': proposalId }, 'the officer set that was decided is missing')
    else book.sets.push(next)
  }

  /** One reading at a time, and none that began before it was asked for. */
  async function upToDate(): Promise<Pages> {
    const before = reading
    const next = (async () => {
      await before?.catch(() => undefined)
      return await read()
    })()
    reading = next
    return await next
  }

  return {
    async verified(kinds) {
      const { decisions } = await upToDate()
      return [...decisions.values()].filter(({ kind }) => kinds.includes(kind))
    },
    async demand(proposalId, kind) {
      const decision = (await upToDate()).decisions.get(proposalId)
      if (decision?.kind !== kind) throw unproven(`proposal ${proposalId} was not decided as ${kind}`)
      return decision
    },
    currentSet: async () => currentOf(await upToDate()),
    sets: async () => [...(await upToDate()).sets],
    async countUnproven() {
      if (pages === undefined && readPinnedOfficerSet(keysDir) === undefined) return 0
      return (await upToDate()).unproven
    },
  }
}

function currentOf({ sets }: Pages): KnownOfficerSet {
  const set = sets.at(-1)
  if (set === undefined) throw new Error('a book begins with a set')
  return set
}

/** Why a stored decision proves nothing, or undefined where it does. */
async function whyUnproven(stored: StoredDecision, set: KnownOfficerSet): Promise<string | undefined> {
  const { proposalId, kind, payload } = stored
  const verified = await verifyDecision(stored.jws, set)
  if (verified.kind === 'rejected') return `${verified.reason}: ${verified.detail}`
  const { claims } = verified
  if (claims.proposal !== proposalId || claims.kind !== kind) return 'it is about another proposal'
  if (claims.hash !== (await jcsDigest({ kind, payload }))) return 'the proposal was changed since'
  if (stored.hash !== (await decisionHash(stored.jws))) return 'it is kept under the hash of another'
  // Signatures that were given stay good: what was taken back, or refused, is decided by nobody for all that.
  if (stored.state !== 'approved' && stored.state !== 'pending') return `the proposal was ${stored.state}`
  // And those on what was never decided are good for their time and no longer.
  if (numericDate(stored.decidedAt) > claims.exp) return 'its time was over'
  return undefined
}

/** The set that a decision made, where it is exactly what was decided; others of its number are nobody's. */
async function findNextSet(
  db: Kysely<IssuerTables>,
  made: { set: KnownOfficerSet; payload: object; decision: string },
): Promise<KnownOfficerSet | undefined> {
  const decided = OfficersChange.safeParse(made.payload)
  if (!decided.success) return undefined
  const { keys, threshold, thresholds = {} } = decided.data
  const expected = await jcsDigest({ keys, threshold, thresholds })
  for (const { seq, jws } of await readOfficerSets(db)) {
    if (seq !== made.set.claims.seq + 1) continue
    const read = readOfficerSet(jws)
    if (read.kind === 'rejected') continue
    const { claims } = read
    const isNext =
      claims.iss === made.set.claims.iss &&
      claims.seq === seq &&
      claims.prev === made.set.hash &&
      claims.decision === made.decision
    const said = { keys: claims.keys, threshold: claims.threshold, thresholds: claims.thresholds ?? {} }
    if (isNext && (await jcsDigest(said)) === expected) return { claims, hash: await recordHash(jws), jws }
  }
  return undefined
}

function unproven(detail: string): RegistryError {
  return new RegistryError('decision-unproven', detail)
}
