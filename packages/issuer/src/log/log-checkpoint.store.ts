import { sql, type Kysely, type Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'

/** A checkpoint as stored; `note` has the cosignatures too, once it is witnessed. */
export interface StoredCheckpoint {
  readonly size: number
  readonly note: string
  readonly witnessedAt: Date | null
}

const columns = ['size', 'note', 'witnessed_at as witnessedAt'] as const

/** Writes what was signed, in the transaction of the tree that it is about. */
export async function insertCheckpoint(
  tx: Transaction<IssuerTables>,
  checkpoint: { size: number; note: string; signedAt: Date },
): Promise<void> {
  const { size, note, signedAt } = checkpoint
  await tx.insertInto('log_checkpoint').values({ size, note, signed_at: signedAt }).execute()
}

/** The newest that was signed, shown or not. */
export async function readNewestCheckpoint(db: Kysely<IssuerTables>): Promise<StoredCheckpoint | undefined> {
  return await db
    .selectFrom('log_checkpoint')
    .select(columns)
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** The newest that may be shown, and the newest that reached its quorum: of one snapshot, so never a larger one. */
export async function readShownCheckpoints(
  db: Kysely<IssuerTables>,
): Promise<{ published: StoredCheckpoint | undefined; witnessed: StoredCheckpoint | undefined }> {
  const { rows } = await sql<StoredCheckpoint & { is: 'published' | 'witnessed' }>`
    (
      select 'published' as is, size, note, witnessed_at as "witnessedAt" from log_checkpoint
      where published_at is not null order by size desc limit 1
    )
    union all
    (
      select 'witnessed' as is, size, note, witnessed_at from log_checkpoint
      where witnessed_at is not null order by size desc limit 1
    )`.execute(db)
  const newest = (is: 'published' | 'witnessed'): StoredCheckpoint | undefined => {
    const row = rows.find((one) => one.is === is)
    return row === undefined ? undefined : { size: row.size, note: row.note, witnessedAt: row.witnessedAt }
  }
  return { published: newest('published'), witnessed: newest('witnessed') }
}

/** One that may be shown, by its size. */
export async function readShownCheckpoint(
  db: Kysely<IssuerTables>,
  size: number,
): Promise<StoredCheckpoint | undefined> {
  return await db
    .selectFrom('log_checkpoint')
    .select(columns)
    .where('size', '=', size)
    .where('published_at', 'is not', null)
    .executeTakeFirst()
}

/** From now on it may be shown. Saying so again changes nothing. */
export async function markPublished(db: Kysely<IssuerTables>, size: number, at: Date): Promise<void> {
  await db
    .updateTable('log_checkpoint')
    .set({ published_at: at })
    .where('size', '=', size)
    .where('published_at', 'is', null)
    .execute()
}

/** Stores the note with its cosignatures; where it has some already, those stay. */
export async function markWitnessed(
  db: Kysely<IssuerTables>,
  checkpoint: { size: number; note: string; witnessedAt: Date },
): Promise<void> {
  const { size, note, witnessedAt } = checkpoint
  await db
    .updateTable('log_checkpoint')
    .set({ note, witnessed_at: witnessedAt })
    .where('size', '=', size)
    .where('witnessed_at', 'is', null)
    .execute()
}

/** Stores the note of a witnessed checkpoint with more cosignatures, where nobody has added to it meanwhile. */
export async function addCosignatures(
  db: Kysely<IssuerTables>,
  { size, note, earlier }: { size: number; note: string; earlier: string },
): Promise<void> {
  await db
    .updateTable('log_checkpoint')
    .set({ note })
    .where('size', '=', size)
    .where('note', '=', earlier)
    .execute()
}

/** Keeps a checkpoint for ever; false where there is none of that size any more. */
export async function markKept(db: Kysely<IssuerTables>, size: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('log_checkpoint')
    .set({ kept: true })
    .where('size', '=', size)
    .where('published_at', 'is not', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Keeps the newest checkpoint that was witnessed by an instant for ever, where one is still there. */
export async function keepWitnessedBy(db: Kysely<IssuerTables>, at: Date): Promise<void> {
  await sql`
    update log_checkpoint set kept = true
    where not kept and size = (select max(size) from log_checkpoint where witnessed_at <= ${at})`.execute(db)
}

/**
 * Deletes checkpoints that nobody needs: superseded, not kept, and either without a quorum below one that has it, or not
 * among the newest `countMax`.
 */
export async function pruneCheckpoints(db: Kysely<IssuerTables>, countMax: number): Promise<void> {
  await sql`
    with needed as (
      select max(size) as newest, max(size) filter (where published_at is not null) as published,
        max(size) filter (where witnessed_at is not null) as witnessed,
        (select min(size) from (select size from log_checkpoint order by size desc limit ${countMax}) as latest) as oldest
      from log_checkpoint
    )
    delete from log_checkpoint using needed
    where not kept and size not in (newest, coalesce(published, -1), coalesce(witnessed, -1))
      and (size < oldest or (witnessed_at is null and size < witnessed))`.execute(db)
}

/** The size of the newest checkpoint witnessed within a term, to the second; 0 where none is kept. */
export async function readTermEnd(
  db: Kysely<IssuerTables>,
  { from, until }: { from: Date; until: Date },
): Promise<number> {
  const row = await db
    .selectFrom('log_checkpoint')
    .select(({ fn }) => fn.max('size').as('size'))
    .where('witnessed_at', '>=', from)
    .where('witnessed_at', '<=', until)
    .executeTakeFirst()
  return row?.size ?? 0
}

/** By key that signs no more, the size of the newest checkpoint witnessed within its life; 0 where none is kept. */
export async function readKeyEnds(db: Kysely<IssuerTables>): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ kid: string; size: number }>`
    select key.kid, coalesce((
      select max(size) from log_checkpoint where witnessed_at <= least(key.retired_at, key.compromised_at)
    ), 0) as size
    from key where key.retired_at is not null or key.compromised_at is not null`.execute(db)
  return new Map(rows.map(({ kid, size }) => [kid, size]))
}
