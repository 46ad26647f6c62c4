import { sql, type Kysely, type Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { StatusIndex } from '../numbering/supply.ts'

/** A new value of an entry. */
export interface NewValue extends StatusIndex {
  readonly value: number
  readonly at: Date
}

/** One change that a follower of the lists has not seen yet. */
export interface SeenChange extends StatusIndex {
  readonly status: number
}

/** What was committed since a snapshot, and the snapshot that it is known up to. */
export interface ChangesSince {
  readonly snapshot: string
  readonly changes: readonly SeenChange[]
}

/** One change of one entry, numbered from 1 in the order in which they took effect. */
export interface PastChange {
  readonly nth: number
  readonly status: number
  readonly at: Date
  readonly hash: Uint8Array | null
}

/** Names an entry, for maps. */
export function placeText({ list, index }: StatusIndex): string {
  return `${list}/${index}`
}

/**
 * Writes new values over those that entries had, in one order for everybody, and holds the entries until the transaction
 * ends. Answers since when each has its value: not before the value that it replaces, whatever the clocks say.
 */
export async function upsertStatusEntries(
  tx: Transaction<IssuerTables>,
  rows: readonly NewValue[],
): Promise<Map<string, Date>> {
  const { rows: written } = await sql<StatusIndex & { changed_at: Date }>`
    insert into status_entry (list, index, status, changed_at)
    select list, index, status, changed_at
    from unnest(
      ${rows.map((row) => row.list)}::integer[],
      ${rows.map((row) => row.index)}::integer[],
      ${rows.map((row) => row.value)}::smallint[],
      ${rows.map((row) => row.at.toISOString())}::timestamptz[]
    ) as given (list, index, status, changed_at)
    order by list, index
    on conflict (list, index) do update
      set status = excluded.status, changed_at = greatest(excluded.changed_at, status_entry.changed_at)
    returning list, index, changed_at`.execute(tx)
  return new Map(written.map((row) => [placeText(row), row.changed_at]))
}

/**
 * Keeps changes for ever. Each is numbered while its entry is held (see `upsertStatusEntries`), so two transactions that
 * change one entry number their changes in the order in which they commit.
 */
export async function insertStatusChanges(
  tx: Transaction<IssuerTables>,
  rows: readonly (NewValue & { readonly hash: Uint8Array })[],
): Promise<void> {
  await sql`
    insert into status_change (list, index, status, changed_at, hash)
    select list, index, status, changed_at, decode(hash, 'hex')
    from unnest(
      ${rows.map((row) => row.list)}::integer[],
      ${rows.map((row) => row.index)}::integer[],
      ${rows.map((row) => row.value)}::smallint[],
      ${rows.map((row) => row.at.toISOString())}::timestamptz[],
      ${rows.map((row) => Buffer.from(row.hash).toString('hex'))}::text[]
    ) as given (list, index, status, changed_at, hash)`.execute(tx)
}

/** The snapshot of this instant, to follow changes from. */
export async function readSnapshot(db: Kysely<IssuerTables>): Promise<string> {
  const { rows } = await sql<{ snapshot: string }>`
    select pg_current_snapshot()::text as snapshot`.execute(db)
  const [row] = rows
  if (row === undefined) throw new Error('The database answered without a snapshot')
  return row.snapshot
}

/**
 * Reads what was committed after the snapshot `since` was taken, in an order in which it may be applied; at most
 * `limit` changes. Snapshot and rows are of one statement, so what commits meanwhile is in the next answer: a
 * transaction that began long ago and commits last is never missed, as it would be by number or by time.
 */
export async function readChangesSince(
  db: Kysely<IssuerTables>,
  since: string,
  lists: readonly number[],
  limit: number,
): Promise<ChangesSince> {
  const { rows } = await sql<
    { snapshot: string } | { snapshot: null; list: number; index: number; status: number }
  >`
    select pg_current_snapshot()::text as snapshot, null::integer as list, null::integer as index,
      null::smallint as status
    union all
    (
      select null, list, index, status from status_change
      where xid >= pg_snapshot_xmin(${since}::pg_snapshot)
        and not pg_visible_in_snapshot(xid, ${since}::pg_snapshot)
        and list = any(${lists}::integer[])
      order by id limit ${limit}
    )`.execute(db)
  let snapshot: string | undefined
  const changes: SeenChange[] = []
  for (const row of rows) {
    if (row.snapshot === null) changes.push(row)
    else snapshot = row.snapshot
  }
  if (snapshot === undefined) throw new Error('The database answered without a snapshot')
  return { snapshot, changes }
}

/** Reads changes of one entry, oldest first, from number `after` + 1 on. */
export async function readPastChanges(
  db: Kysely<IssuerTables>,
  { list, index }: StatusIndex,
  page: { after: number; limit: number },
): Promise<PastChange[]> {
  const rows = await db
    .selectFrom('status_change')
    .select(['status', 'changed_at as at', 'hash'])
    .where('list', '=', list)
    .where('index', '=', index)
    .orderBy('id')
    .offset(page.after)
    .limit(page.limit)
    .execute()
  return rows.map((row, place) => ({ ...row, nth: page.after + place + 1 }))
}

/** Reads the newest `limit` changes of one entry from before an instant, oldest first; their numbers count all before it. */
export async function readChangesBefore(
  db: Kysely<IssuerTables>,
  { list, index }: StatusIndex,
  { before, limit }: { before: Date; limit: number },
): Promise<PastChange[]> {
  const { rows } = await sql<PastChange>`
    select status, changed_at as at, hash, (count(*) over () - row_number() over (order by id desc) + 1)::integer as nth
    from status_change
    where list = ${list} and index = ${index} and changed_at < ${before}
    order by id desc limit ${limit}`.execute(db)
  return rows.toReversed()
}
