import type { Level } from '@arc3088/codec'
import { sql, type Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'

/** Entries of one list (wire-format W7). */
export const STATUS_LIST_ENTRIES = 2 ** 17

/** A run of positions in the open list of a level, leased to one process. */
export interface StatusBlock {
  readonly list: number
  readonly scrambleKey: Uint8Array
  readonly position: number
  readonly count: number
}

/**
 * Leases up to `count` positions of the level's open list, opening the next list when it is full. Two processes
 * that find it full open one each, which costs nothing but a list that fills later.
 */
export async function leaseStatusBlock(
  db: Kysely<IssuerTables>,
  lease: { level: Level; count: number; newScrambleKey: () => Uint8Array; openedAt: Date },
): Promise<StatusBlock> {
  return await db.transaction().execute(async (tx) => {
    const open = await tx
      .selectFrom('status_list')
      .select(['number', 'leased', 'scramble_key'])
      .where('level', '=', lease.level)
      .where('leased', '<', STATUS_LIST_ENTRIES)
      .orderBy('number')
      .limit(1)
      // Not `for update`: that would wait for whoever writes an entry of the list, and hold them up in turn.
      .forNoKeyUpdate()
      .executeTakeFirst()
    if (open !== undefined) {
      const count = Math.min(lease.count, STATUS_LIST_ENTRIES - open.leased)
      await tx
        .updateTable('status_list')
        .set({ leased: open.leased + count })
        .where('number', '=', open.number)
        .execute()
      return { list: open.number, scrambleKey: open.scramble_key, position: open.leased, count }
    }
    const count = Math.min(lease.count, STATUS_LIST_ENTRIES)
    const opened = await tx
      .insertInto('status_list')
      .values({
        number: sql<number>`nextval('status_list_number')`,
        level: lease.level,
        leased: count,
        scramble_key: lease.newScrambleKey(),
        opened_at: lease.openedAt,
      })
      .returning(['number', 'scramble_key'])
      .executeTakeFirstOrThrow()
    return { list: opened.number, scrambleKey: opened.scramble_key, position: 0, count }
  })
}

/** Reads the entries of a list that are not 0, or undefined when there is no such list. */
export async function readStatusEntries(
  db: Kysely<IssuerTables>,
  list: number,
): Promise<{ index: number; status: number }[] | undefined> {
  const found = await db
    .selectFrom('status_list')
    .select('number')
    .where('number', '=', list)
    .executeTakeFirst()
  if (found === undefined) return undefined
  return await db
    .selectFrom('status_entry')
    .select(['index', 'status'])
    .where('list', '=', list)
    .where('status', '<>', 0)
    .orderBy('index')
    .execute()
}

/** Reads the numbers of all lists, oldest first. */
export async function readStatusListNumbers(db: Kysely<IssuerTables>): Promise<number[]> {
  const rows = await db.selectFrom('status_list').select('number').orderBy('number').execute()
  return rows.map((row) => row.number)
}
