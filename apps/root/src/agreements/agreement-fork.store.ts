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

/** Two signed things that cannot both be true: kept for ever, once each. */
export interface Contradiction {
  readonly id: string
  readonly entityId: string
  /** The place in the chain of events; null where the terms contradict. */
  readonly seq: number | null
  readonly known: string
  readonly other: string
  readonly otherHash: string
}

/** Of one party: a liar is no better known by more lies, and no liar makes room for another. */
const FORKS_KEPT_MAX = 64

/** Keeps the proof that somebody signed two things for one place; false where it was kept before, or there are enough. */
export async function insertContradiction(
  tx: Transaction<RootTables>,
  contradiction: Contradiction,
  seenAt: Date,
): Promise<boolean> {
  const { n } = await tx
    .selectFrom('agreement_fork')
    .select(({ fn }) => fn.countAll<string>().as('n'))
    .where('agreement', '=', contradiction.id)
    .where('entity_id', '=', contradiction.entityId)
    .executeTakeFirstOrThrow()
  if (Number(n) >= FORKS_KEPT_MAX) return false
  const { numInsertedOrUpdatedRows: inserted } = await tx
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
    .onConflict((conflict) => conflict.columns(['agreement', 'other_hash']).doNothing())
    .executeTakeFirst()
  return inserted === 1n
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
