import type { Kysely, Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'

/** Two events for one place, as stored. */
export interface StoredFork {
  readonly agreement: string
  readonly entityId: string
  readonly seq: number
  readonly known: string
  readonly other: string
  readonly seenAt: Date
}

/** Two signed things that cannot both be true: kept for ever. */
export interface Contradiction {
  readonly id: string
  readonly entityId: string
  /** The place in the chain of events; null where the terms contradict. */
  readonly seq: number | null
  readonly known: string
  readonly other: string
  readonly otherHash: string
}

/** Of one party and sort: a liar is no better known by more lies, and no liar makes room for another. */
const KEPT_MAX = 64

/**
 * Keeps two signed things that cannot both be true, unless they are kept already or there are enough of their sort; answers
 * whether they are kept anew. The caller holds the agreement.
 */
export async function insertWhereRoom(
  tx: Transaction<RootTables>,
  contradiction: Contradiction,
  seenAt: Date,
): Promise<boolean> {
  const { id, entityId, seq, otherHash } = contradiction
  const kept = await tx
    .selectFrom('agreement_fork')
    .select('other_hash')
    .where('agreement', '=', id)
    .where('entity_id', '=', entityId)
    // Terms and events each have their room: nobody uses up with one what shows him by the other.
    .where('seq', seq === null ? 'is' : 'is not', null)
    .execute()
  if (kept.length >= KEPT_MAX || kept.some((row) => row.other_hash === otherHash)) return false
  await insertContradiction(tx, contradiction, seenAt)
  return true
}

/** Keeps two signed things that cannot both be true, whatever is kept already. */
export async function insertContradiction(
  tx: Transaction<RootTables>,
  contradiction: Contradiction,
  seenAt: Date,
): Promise<void> {
  await tx
    .insertInto('agreement_fork')
    .values({
      agreement: contradiction.id,
      entity_id: contradiction.entityId,
      seq: contradiction.seq,
      known: contradiction.known,
      other: contradiction.other,
      other_hash: contradiction.otherHash,
      seen_at: seenAt,
    })
    .execute()
}

/** Reads the pairs of events that were found for one place, oldest first; nothing of them is verified. */
export async function readForks(db: Kysely<RootTables>, id: string | undefined): Promise<StoredFork[]> {
  const rows = await db
    .selectFrom('agreement_fork')
    .select(['agreement', 'entity_id', 'seq', 'known', 'other', 'seen_at'])
    .where('seq', 'is not', null)
    .$if(id !== undefined, (query) => query.where('agreement', '=', id ?? ''))
    .orderBy('id')
    .execute()
  return rows.map((row) => ({
    agreement: row.agreement,
    entityId: row.entity_id,
    seq: row.seq ?? 0,
    known: row.known,
    other: row.other,
    seenAt: row.seen_at,
  }))
}
