import type { Level } from '@arc3088/codec'
import { sql, type Kysely, type Transaction } from 'kysely'

import type { CodeKey } from '../assignment/code-key.ts'
import type { IssuerTables } from '../db/tables.ts'
import type { RangeDefinition } from '../journal/journal.ts'
import { STATUS_LIST_ENTRIES } from '../status/status-list.store.ts'

/** Reads how far every range is leased. */
export async function readLeases(db: Kysely<IssuerTables>): Promise<Map<string, number>> {
  const rows = await db.selectFrom('numbering_range').select(['id', 'leased']).execute()
  return new Map(rows.map(({ id, leased }) => [id, leased]))
}

/** Reads how far every status list is leased. */
export async function readStatusLeases(db: Kysely<IssuerTables>): Promise<Map<number, number>> {
  const rows = await db.selectFrom('status_list').select(['number', 'leased']).execute()
  return new Map(rows.map(({ number, leased }) => [number, leased]))
}

/** True where at least one code was ever assigned here. */
export async function hasCodes(db: Kysely<IssuerTables>): Promise<boolean> {
  const { rows } = await sql<{ has: boolean }>`select exists (select from code_ledger) as has`.execute(db)
  return rows[0]?.has === true
}

/**
 * True where acts of the time before the log wait to be put into it. Every process that keeps a journal does that before
 * anything else, so that nothing was given out since. (The queue may hold a node's own keys already.)
 */
export async function isBeforeLog(db: Kysely<IssuerTables>): Promise<boolean> {
  const { rows } = await sql<{ before: boolean }>`
    select exists (select from outbox) and not exists (select from log_state where size > 0) as before`.execute(
    db,
  )
  return rows[0]?.before === true
}

/** Which of these codes the ledger does not have. */
export async function findMissingCodes(
  db: Kysely<IssuerTables>,
  keys: readonly CodeKey[],
): Promise<CodeKey[]> {
  const { rows } = await sql<CodeKey>`
    select wanted.* from unnest(${columnOf(keys, 'provider')}::bigint[], ${columnOf(keys, 'requester')}::bigint[],
      ${columnOf(keys, 'ontology')}::bigint[], ${columnOf(keys, 'instance')}::bigint[])
      as wanted (provider, requester, ontology, instance)
    -- one probe of the index a code, whatever the planner thinks of the array
    left join lateral (
      select true as has from code_ledger l
      where l.provider = wanted.provider and l.requester = wanted.requester
        and l.ontology = wanted.ontology and l.instance = wanted.instance
      limit 1
    ) found on true
    where found.has is null`.execute(db)
  return rows
}

/** Writes codes into the ledger that were acknowledged once and are lost; answers how many were. */
export async function burnCodes(
  tx: Transaction<IssuerTables>,
  keys: readonly CodeKey[],
  { reason, at }: { reason: string; at: Date },
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with burnt as (
      insert into code_ledger (provider, requester, ontology, instance, assigned_at)
      select *, ${at}::timestamptz
      from unnest(${columnOf(keys, 'provider')}::bigint[], ${columnOf(keys, 'requester')}::bigint[],
        ${columnOf(keys, 'ontology')}::bigint[], ${columnOf(keys, 'instance')}::bigint[])
      on conflict do nothing
      returning provider, requester, ontology, instance
    ), remembered as (
      insert into burnt_code (provider, requester, ontology, instance, reason, burnt_at)
      select provider, requester, ontology, instance, ${reason}, ${at}::timestamptz from burnt
    )
    select count(*)::integer as count from burnt`.execute(tx)
  return rows[0]?.count ?? 0
}

/** Raises a range to a mark, and remembers which of its positions were lost. False where it is there already. */
export async function burnPositions(
  tx: Transaction<IssuerTables>,
  { rangeId, upTo, reason, at }: { rangeId: string; upTo: number; reason: string; at: Date },
): Promise<boolean> {
  const { leased } = await tx
    .selectFrom('numbering_range')
    .select('leased')
    .where('id', '=', rangeId)
    .forUpdate()
    .executeTakeFirstOrThrow()
  if (leased >= upTo) return false
  await tx.updateTable('numbering_range').set({ leased: upTo }).where('id', '=', rangeId).execute()
  await tx
    .insertInto('burnt_block')
    .values({
      range_id: rangeId,
      position_first: leased,
      position_count: upTo - leased,
      reason,
      burnt_at: at,
    })
    .execute()
  return true
}

/**
 * Remembers of every range that what it had leased may be lost: a process that held a block when the backup was made went
 * on giving numbers of it, and only the journal's leases, not their use, are known. Goes before `burnPositions`.
 */
export async function rememberOpenBlocks(
  tx: Transaction<IssuerTables>,
  { reason, at }: { reason: string; at: Date },
): Promise<void> {
  await sql`
    insert into burnt_block (range_id, position_first, position_count, reason, burnt_at)
    select r.id, known.up_to, r.leased - known.up_to, ${reason}, ${at}::timestamptz
    from numbering_range r
    cross join lateral (
      -- from the end of what an earlier restore remembered, or from the beginning
      select coalesce(max(b.position_first + b.position_count) filter (where has_first), 0) as up_to
      from (select *, bool_or(position_first = 0) over () as has_first from burnt_block where range_id = r.id) b
    ) known
    where r.kind <> 'chosen' and r.leased > known.up_to`.execute(tx)
}

/**
 * Raises a status list to a mark. A list that the database lost is made again full: where its entries lie is lost with
 * its key, and nothing may ever be put there again. False where nothing was to be done.
 */
export async function burnStatusEntries(
  tx: Transaction<IssuerTables>,
  mark: { list: number; level: Level; upTo: number; scrambleKey: Uint8Array; at: Date },
): Promise<boolean> {
  const { list, level, upTo, scrambleKey, at } = mark
  const made = await tx
    .insertInto('status_list')
    .values({ number: list, level, leased: STATUS_LIST_ENTRIES, scramble_key: scrambleKey, opened_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .returning('number')
    .executeTakeFirst()
  if (made !== undefined) return true
  const { numUpdatedRows } = await tx
    .updateTable('status_list')
    .set({ leased: upTo })
    .where('number', '=', list)
    .where('leased', '<', upTo)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Moves the counter of lists past every list there is: a backup has an older one. */
export async function advanceListNumber(tx: Transaction<IssuerTables>): Promise<void> {
  const { rows } = await sql<{ behind: number }>`
    select coalesce(max(number), -1) - nextval('status_list_number') as behind from status_list`.execute(tx)
  const behind = rows[0]?.behind ?? 0
  if (behind > 0)
    await sql`select nextval('status_list_number') from generate_series(1, ${behind})`.execute(tx)
}

function columnOf(keys: readonly CodeKey[], column: keyof CodeKey): number[] {
  return keys.map((key) => key[column])
}

/** Reads every range from which numbers are leased, as the journal must know it, locked until the end. */
export async function readLeasedRanges(
  tx: Transaction<IssuerTables>,
): Promise<(RangeDefinition & { leased: number })[]> {
  const rows = await tx
    .selectFrom('numbering_range')
    .select(['id', 'level', 'name', 'kind', 'first', 'last', 'leased', 'scramble_key', 'business_type'])
    .where('kind', '<>', 'chosen')
    .orderBy('id')
    .forUpdate()
    .execute()
  return rows.map(({ scramble_key: scrambleKey, business_type: businessType, ...range }) => {
    return { ...range, scrambleKey, ...(businessType === null ? {} : { businessType }) }
  })
}

/** Fills every list that has room, and answers which. */
export async function fillStatusLists(
  tx: Transaction<IssuerTables>,
): Promise<{ number: number; level: Level }[]> {
  return await tx
    .updateTable('status_list')
    .set({ leased: STATUS_LIST_ENTRIES })
    .where('leased', '<', STATUS_LIST_ENTRIES)
    .returning(['number', 'level'])
    .execute()
}

/** Leaves out numbers of lists that may have been opened in a life of the database that is lost. */
export async function skipListNumbers(tx: Transaction<IssuerTables>, count: number): Promise<void> {
  await sql`select nextval('status_list_number') from generate_series(1, ${count})`.execute(tx)
}

/** Closes every range from which numbers are chosen; answers how many were open. */
export async function closeChosenRanges(tx: Transaction<IssuerTables>, at: Date): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('numbering_range')
    .set({ closed_at: at })
    .where('kind', '=', 'chosen')
    .where('closed_at', 'is', null)
    .executeTakeFirst()
  return Number(numUpdatedRows)
}
