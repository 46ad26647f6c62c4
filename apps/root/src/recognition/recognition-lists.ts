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
import type { Kysely } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { entryOf, foldRecognitions, mutualWitnesses } from './recognition-entries.ts'
import { readNewestLists, writeList } from './recognition-list.store.ts'

/** Rows that are looked at together for the newest list that is this root's own. */
const LOOKED_AT = 16
/** PostgreSQL's largest integer. */
const SEQ_MAX = 2_147_483_647
/** How far a row may lead on from the newest list; further ones are nobody's, and must not use up the numbers. */
const LEAP_MAX = 1024

/** A list that this root issued, verified. */
interface Issued {
  readonly claims: RecognitionList
  readonly content: string
  readonly hash: string
  readonly jws: CompactJws
}

/**
 * The recognition list (W10), as verified decisions, agreements and events make it now. What says the same keeps its number
 * and is signed anew when it is a minute old; every issue stands in the log's queue before anybody sees it.
 */
export async function issueRecognitionList(deps: RootDeps): Promise<CompactJws> {
  const wanted = await jcsDigest(await readEntries(deps))
  const { db } = deps.node
  const current = await readIssued(deps, db)
  if (current !== undefined && isFresh(deps, current, wanted)) return current.jws
  if (deps.node.gate.mode() !== 'read-write' && current !== undefined && isUsable(deps, current, wanted))
    return current.jws
  return await db.transaction().execute(async (tx) => {
    await lockNames(issuerTables(tx), ['recognition-list'])
    // Read again: who waited for the lock must not bring back what another process has seen change meanwhile.
    const entries = await readEntries(deps)
    const content = await jcsDigest(entries)
    const before = await readIssued(deps, tx)
    // Another process may have issued it meanwhile.
    if (before !== undefined && isFresh(deps, before, content)) return before.jws
    deps.node.gate.demandWritable()
    const at = deps.node.ambient.now()
    const iat = Math.max(numericDate(at), before?.claims.iat ?? 0)
    const list: RecognitionList = {
      iss: deps.node.entityId,
      iat,
      exp: iat + RECOGNITION_LIST_LIFETIME_SECONDS,
      ttl: RECOGNITION_LIST_TTL_SECONDS,
      ...(await placeAfter(tx, before, content)),
      entries: [...entries],
    }
    const jws = await signRecognitionList(deps.node.keys.active('federation'), list)
    const hash = await recordHash(jws)
    await writeList(tx, { seq: list.seq, content, hash, jws }, at)
    const entry = {
      v: 1,
      t: 'list',
      c: `${deps.node.entityId}/v1/recognition-list`,
      h: hash,
      i: iat,
    } as const
    await queueEntries(issuerTables(tx), [entry], at)
    return jws
  })
}

/** The same number for the same content, else the next one that is free. */
async function placeAfter(
  tx: Kysely<RootTables>,
  before: Issued | undefined,
  content: string,
): Promise<Pick<RecognitionList, 'seq' | 'prev'>> {
  if (before === undefined) return { seq: 1, prev: null }
  const { seq, prev } = before.claims
  if (before.content === content) return { seq, prev }
  const [highest] = await readNewestLists(tx, { upTo: seq + LEAP_MAX, limit: 1 })
  return { seq: Math.max(seq, highest?.seq ?? 0) + 1, prev: before.hash }
}

/** The list with the highest number that this root did sign; rows that it did not are passed over. */
async function readIssued(deps: RootDeps, db: Kysely<RootTables>): Promise<Issued | undefined> {
  const { entityId } = deps.node
  const keys: readonly PublicJwk[] = (await deps.agreements.keysOf([]))(entityId)
  let upTo = SEQ_MAX
  for (;;) {
    const rows = await readNewestLists(db, { upTo, limit: LOOKED_AT })
    for (const { seq, content, jws } of rows) {
      const verified = await verifyRecognitionList(jws, keys)
      if (verified.kind === 'verified' && verified.claims.iss === entityId && verified.claims.seq === seq) {
        const said = await jcsDigest(verified.claims.entries)
        const hash = await recordHash(jws)
        return { claims: verified.claims, content: said, hash, jws: verified.jws }
      }
      deps.node.log.error(
        { 'list.seq': seq, 'list.content': content },
        'a recognition list is not one of this root',
      )
      upTo = seq - 1
    }
    if (rows.length < LOOKED_AT) return undefined
  }
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
