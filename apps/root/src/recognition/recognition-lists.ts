import { issuerTables, lockNames, queueEntries } from '@arc3088/issuer'
import {
  jcsDigest,
  RECOGNITION_LIST_LIFETIME_SECONDS,
  RECOGNITION_LIST_TTL_SECONDS,
  recordHash,
  signRecognitionList,
  verifyRecognitionList,
  type CompactJws,
  type PublicJwk,
  type RecognitionEntry,
  type RecognitionList,
} from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import type { Kysely, Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { entryOf, foldRecognitions, mutualWitnesses } from './recognition-entries.ts'
import { insertList, readIssue, readNewestLists, writeIssue } from './recognition-list.store.ts'

/** Rows that are looked at together for the newest list that is this root's own. */
const LOOKED_AT = 16
/** PostgreSQL's largest integer. */
const SEQ_MAX = 2_147_483_647
/** How far a row may lead on from the newest list; further ones are nobody's, and must not use up the numbers. */
const LEAP_MAX = 1024

/** The document whose number the journal notes. */
const NAME = 'recognition-list'

/** A list that this root issued, verified. */
interface Issued {
  /** Of its newest issue. */
  readonly claims: RecognitionList
  readonly content: string
  /** Of its first issue: what the next list names as the one before. */
  readonly hash: string
  readonly jws: CompactJws
}

/**
 * The recognition list (W10), as verified decisions, agreements and events make it now. What says the same keeps its number
 * and is signed anew when it is a minute old; every issue stands in the log's queue, and every number in the journal, before
 * anybody sees it. A number below one that the journal has is never shown, whatever backup the database was put back to.
 */
export async function issueRecognitionList(deps: RootDeps): Promise<CompactJws> {
  const wanted = await jcsDigest(await readEntries(deps))
  const { db } = deps.node
  const current = await readIssued(deps, db)
  if (current !== undefined && isShowable(deps, current)) {
    const isOnlyRead = deps.node.gate.mode() !== 'read-write'
    if (isFresh(deps, current, wanted) || (isOnlyRead && isUsable(deps, current, wanted)))
      return await show(deps, current)
  }
  const issued = await db.transaction().execute(async (tx) => {
    await lockNames(issuerTables(tx), [NAME])
    // Read again: who waited for the lock must not bring back what another process has seen change meanwhile.
    const entries = await readEntries(deps)
    const content = await jcsDigest(entries)
    const before = await readIssued(deps, tx)
    // Another process may have issued it meanwhile.
    if (before !== undefined && isShowable(deps, before) && isFresh(deps, before, content)) return before
    deps.node.gate.demandWritable()
    return await signList(deps, tx, { entries, content, before })
  })
  return await show(deps, issued)
}

/** Notes the number, where it is new, and only then lets the list be seen. */
async function show(deps: RootDeps, { claims: { seq }, hash, jws }: Issued): Promise<CompactJws> {
  const { issues, ambient } = deps.node
  if (seq > (issues.highest(NAME)?.seq ?? 0)) {
    ambient.reached('recognition-list:committed')
    await issues.note({ name: NAME, seq, hash })
  }
  return jws
}

/** Whether nobody has been shown a higher number, as far as the journal tells. */
function isShowable(deps: RootDeps, { claims }: Issued): boolean {
  return claims.seq >= (deps.node.issues.highest(NAME)?.seq ?? 0)
}

async function signList(
  deps: RootDeps,
  tx: Transaction<RootTables>,
  {
    entries,
    content,
    before,
  }: { entries: readonly RecognitionEntry[]; content: string; before: Issued | undefined },
): Promise<Issued> {
  const at = deps.node.ambient.now()
  const iat = Math.max(numericDate(at), before?.claims.iat ?? 0)
  const claims: RecognitionList = {
    iss: deps.node.entityId,
    iat,
    exp: iat + RECOGNITION_LIST_LIFETIME_SECONDS,
    ttl: RECOGNITION_LIST_TTL_SECONDS,
    ...(await placeAfter(deps, tx, before, content)),
    entries: [...entries],
  }
  const jws = await signRecognitionList(deps.node.keys.active('federation'), claims)
  const hash = await recordHash(jws)
  const isAgain = before?.claims.seq === claims.seq
  await (isAgain
    ? writeIssue(tx, { seq: claims.seq, jws }, at)
    : insertList(tx, { seq: claims.seq, content, hash, jws }, at))
  const c = `${deps.node.entityId}/v1/recognition-list`
  await queueEntries(issuerTables(tx), [{ v: 1, t: 'list', c, h: hash, i: iat }], at)
  return { claims, content, hash: isAgain ? before.hash : hash, jws }
}

/** The same number for the same content, else the next one that is free and that nobody has been shown. */
async function placeAfter(
  deps: RootDeps,
  tx: Kysely<RootTables>,
  before: Issued | undefined,
  content: string,
): Promise<Pick<RecognitionList, 'seq' | 'prev'>> {
  const shown = deps.node.issues.highest(NAME)
  if (before !== undefined && before.content === content && isShowable(deps, before))
    return { seq: before.claims.seq, prev: before.claims.prev }
  const from = Math.max(before?.claims.seq ?? 0, shown?.seq ?? 0)
  if (from === 0) return { seq: 1, prev: null }
  const prev = (before === undefined || !isShowable(deps, before) ? shown?.hash : before.hash) ?? null
  const [highest] = await readNewestLists(tx, { upTo: from + LEAP_MAX, limit: 1 })
  return { seq: Math.max(from, highest?.seq ?? 0) + 1, prev }
}

/** The list with the highest number that this root did sign; rows that it did not are passed over. */
async function readIssued(deps: RootDeps, db: Kysely<RootTables>): Promise<Issued | undefined> {
  let upTo = SEQ_MAX
  for (;;) {
    const rows = await readNewestLists(db, { upTo, limit: LOOKED_AT })
    for (const { seq, content, jws } of rows) {
      const first = await verifyOwn(deps, jws, seq)
      if (first !== undefined) return await newestIssue(deps, db, first)
      deps.node.log.error(
        { 'list.seq': seq, 'list.content': content },
        'a recognition list is not one of this root',
      )
      upTo = seq - 1
    }
    if (rows.length < LOOKED_AT) return undefined
  }
}

async function verifyOwn(deps: RootDeps, jws: string, seq: number): Promise<Issued | undefined> {
  const { entityId } = deps.node
  const keys: readonly PublicJwk[] = (await deps.agreements.keysOf([]))(entityId)
  const verified = await verifyRecognitionList(jws, keys)
  if (verified.kind === 'rejected' || verified.claims.iss !== entityId || verified.claims.seq !== seq)
    return undefined
  const content = await jcsDigest(verified.claims.entries)
  return { claims: verified.claims, content, hash: await recordHash(jws), jws: verified.jws }
}

/** What was signed last under the number of a list, where that says the same; otherwise the list as it stands. */
async function newestIssue(deps: RootDeps, db: Kysely<RootTables>, first: Issued): Promise<Issued> {
  const jws = await readIssue(db, first.claims.seq)
  const again = jws === undefined ? undefined : await verifyOwn(deps, jws, first.claims.seq)
  if (again === undefined || again.content !== first.content || again.claims.iat < first.claims.iat)
    return first
  return { ...again, hash: first.hash }
}

function isFresh(deps: RootDeps, { claims, content }: Issued, wanted: string): boolean {
  const now = numericDate(deps.node.ambient.now())
  return content === wanted && claims.iat <= now && now < claims.iat + RECOGNITION_LIST_TTL_SECONDS
}

/** A node that only reads serves what it has for as long as it is true. */
function isUsable(deps: RootDeps, { claims, content }: Issued, wanted: string): boolean {
  return content === wanted && numericDate(deps.node.ambient.now()) < claims.exp
}

/** What the list says now. */
async function readEntries(deps: RootDeps): Promise<readonly RecognitionEntry[]> {
  const { entityId, ambient } = deps.node
  const at = numericDate(ambient.now())
  const recognitions = foldRecognitions(entityId, await deps.agreements.all(), at)
  const witnessed = mutualWitnesses(recognitions)
  const roots = await deps.foreignRoots.all()
  const entries: RecognitionEntry[] = []
  for (const recognition of recognitions) {
    const root = roots.get(recognition.entityId)
    if (root === undefined) continue
    const sets = await deps.foreignRoots.succession(root)
    const log = witnessed.includes(root.entityId) ? await deps.foreignRoots.logOf(root) : undefined
    entries.push({
      ...entryOf(entityId, recognition),
      root_keys: sets.map(({ jws }) => jws),
      ...(log === undefined ? {} : { tlog: log }),
    })
  }
  return entries
}
