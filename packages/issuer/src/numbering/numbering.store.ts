import type { Level } from '@arc3088/codec'
import { sql, type Kysely, type Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { NumberingPlan, NumberingRange, RangeKind } from './numbering-plan.ts'

/** A run of positions in one range, leased to one process. */
export interface NumberBlock {
  readonly kind: RangeKind
  readonly first: number
  readonly size: number
  readonly scrambleKey: Uint8Array | null
  readonly position: number
  readonly count: number
}

/** Reads every range of the node, by level and number. */
export async function readNumberingPlan(db: Kysely<IssuerTables>): Promise<NumberingPlan> {
  return await db
    .selectFrom('numbering_range')
    .select(['level', 'name', 'kind', 'first', 'last'])
    .orderBy('level')
    .orderBy('first')
    .execute()
}

/** Adds a range; the database refuses one that overlaps another of its level, or repeats a name. */
export async function insertNumberingRange(
  tx: Transaction<IssuerTables>,
  range: NumberingRange & { id: string; scrambleKey: Uint8Array | null; createdAt: Date },
): Promise<void> {
  const { id, level, name, kind, first, last, scrambleKey, createdAt } = range
  await tx
    .insertInto('numbering_range')
    .values({ id, level, name, kind, first, last, scramble_key: scrambleKey, created_at: createdAt })
    .execute()
}

/**
 * Leases up to `count` positions of the first range of the level that has some left, or undefined when all are
 * used up. Committed before a number of it is used, so a crash loses numbers and never gives one twice.
 */
export async function leaseNumberBlock(
  db: Kysely<IssuerTables>,
  lease: { id: string; level: Level; count: number; processId: string; leasedAt: Date },
): Promise<NumberBlock | undefined> {
  return await db.transaction().execute(async (tx) => {
    const range = await tx
      .selectFrom('numbering_range')
      .select(['id', 'kind', 'first', 'last', 'leased', 'scramble_key'])
      .where('level', '=', lease.level)
      .where('kind', '<>', 'chosen')
      .whereRef('leased', '<', sql<number>`last - first + 1`)
      .orderBy('first')
      .limit(1)
      .forUpdate()
      .executeTakeFirst()
    if (range === undefined) return undefined
    const size = range.last - range.first + 1
    const count = Math.min(lease.count, size - range.leased)
    await tx
      .updateTable('numbering_range')
      .set({ leased: range.leased + count })
      .where('id', '=', range.id)
      .execute()
    await tx
      .insertInto('number_lease')
      .values({
        id: lease.id,
        range_id: range.id,
        position_first: range.leased,
        position_count: count,
        process_id: lease.processId,
        leased_at: lease.leasedAt,
      })
      .execute()
    return {
      kind: range.kind,
      first: range.first,
      size,
      scrambleKey: range.scramble_key,
      position: range.leased,
      count,
    }
  })
}
