import { sql, type Kysely, type Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { hash64Array } from './log-entry-facts.ts'

/** What was taken off the queue, to be deleted in the same transaction. */
export interface QueuedEntries {
  readonly ids: readonly number[]
  /** In the order of the queue. */
  readonly entries: readonly string[]
}

/** Entries are one line each (JCS), so that lines carry them ten times as fast as PostgreSQL's array syntax. */
const SEPARATOR = '\n'
const ROWS_AT_ONCE_MIN = 64

/** True where something waits. */
export async function hasQueuedEntries(db: Kysely<IssuerTables>): Promise<boolean> {
  const { rows } = await sql<{ waits: boolean }>`select exists (select from log_queue) as waits`.execute(db)
  return rows[0]?.waits === true
}

/** The newest number that was given in the queue and waits, or undefined. */
export async function readLastQueued(db: Kysely<IssuerTables>): Promise<number | undefined> {
  const row = await db.selectFrom('log_queue').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst()
  return row?.id
}

/** True where an entry that was queued at or before `id` still waits. */
export async function hasQueuedUpTo(db: Kysely<IssuerTables>, id: number): Promise<boolean> {
  const row = await db.selectFrom('log_queue').select('id').where('id', '<=', id).limit(1).executeTakeFirst()
  return row !== undefined
}

/**
 * Reads whole rows, oldest first, until `entriesMax` entries are reached; the row that reaches it is the last.
 *
 * Nothing is read that was queued after the reading began: of two rows that commit while it goes on, the later read
 * could see the effect, of a high number, and have passed its cause, which had its number long before it committed.
 */
export async function takeQueuedEntries(
  tx: Transaction<IssuerTables>,
  entriesMax: number,
): Promise<QueuedEntries> {
  const ids: number[] = []
  const entries: string[] = []
  const last = await readLastQueued(tx)
  if (last === undefined) return { ids, entries }
  let rowsAtOnce = ROWS_AT_ONCE_MIN
  let after = 0
  while (entries.length < entriesMax) {
    const { rows } = await sql<{ id: number; count: number; lines: string }>`
      select id, cardinality(entries) as count, array_to_string(entries, ${SEPARATOR}) as lines
      from log_queue where id > ${after} and id <= ${last} order by id limit ${rowsAtOnce}`.execute(tx)
    for (const { id, count, lines } of rows) {
      if (entries.length >= entriesMax) break
      const split = lines.split(SEPARATOR)
      if (split.length !== count) throw new Error(`row ${id} of the log queue has an entry of several lines`)
      ids.push(id)
      for (const entry of split) entries.push(entry)
      after = id
    }
    if (rows.length < rowsAtOnce) break
    // Rows hold one entry or hundreds: as many as would fill the rest, going by those just read.
    const wanted = Math.ceil(((entriesMax - entries.length) * ids.length) / entries.length)
    rowsAtOnce = Math.max(ROWS_AT_ONCE_MIN, wanted)
  }
  return { ids, entries }
}

/** Throws unless every row was there: a drain that took what another had taken must not commit. */
export async function deleteQueued(tx: Transaction<IssuerTables>, ids: readonly number[]): Promise<void> {
  const { numAffectedRows } = await sql`
    delete from log_queue where id = any(${`{${ids.join(',')}}`}::bigint[])`.execute(tx)
  if (numAffectedRows !== BigInt(ids.length)) throw new Error('the log queue was drained by somebody else')
}

/**
 * Writes where the entries from `from` on stand: one row an entry, by the first eight bytes of its record's hash, which
 * is given in base64url. In the order of the index, which then touches each of its pages once.
 */
export async function insertPositions(
  tx: Transaction<IssuerTables>,
  from: number,
  hashes: readonly string[],
): Promise<void> {
  await sql`
    insert into log_position (hash64, position)
    select hash64, ${from}::bigint + nth - 1
    from unnest(${hash64Array(hashes)}::bigint[]) with ordinality as entry (hash64, nth)
    order by hash64`.execute(tx)
}

/** How many entries have a position. */
export async function countPositions(db: Kysely<IssuerTables>): Promise<number> {
  const { count } = await db
    .selectFrom('log_position')
    .select((query) => query.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}
