import type { Level } from '@arc3088/codec'
import { sql, type Kysely, type Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { NumberingPlan, NumberingRange, RangeKind } from './numbering-plan.ts'

/** A run of positions in one range, leased to one process. */
export interface NumberBlock {
  readonly range: {
    readonly id: string
    readonly level: Level
    readonly name: string
    readonly kind: RangeKind
    readonly first: number
    readonly last: number
    readonly businessType?: string
    readonly scrambleKey: Uint8Array | null
  }
  readonly position: number
  readonly count: number
}

/** The plan as it stands, with a number that grows with every change of it. */
export interface VersionedPlan {
  readonly plan: NumberingPlan
  readonly version: number
}

/** How far a range is used. */
export interface RangeUse extends NumberingRange {
  readonly id: string
  /** Numbers leased so far; what was given is at most this many. Of a chosen range nothing is leased. */
  readonly leased: number
  readonly leasedSince: number
  /** When the first lease of the time that was asked for was taken. */
  readonly firstLeaseAt: Date | null
}

/** Reads every range of the node, by level and number. */
export async function readNumberingPlan(db: Kysely<IssuerTables>): Promise<NumberingPlan> {
  const rows = await db
    .selectFrom('numbering_range')
    .select(['level', 'name', 'kind', 'first', 'last', 'business_type', 'closed_at'])
    .orderBy('level')
    .orderBy('first')
    .execute()
  return rows.map(toRange)
}

/** Reads the plan and its version in one snapshot: ranges are only ever added and closed, so both are counted. */
export async function readVersionedPlan(db: Kysely<IssuerTables>): Promise<VersionedPlan> {
  const plan = await readNumberingPlan(db)
  return { plan, version: versionOf(plan) }
}

/** Reads the version of the plan alone. */
export async function readPlanVersion(db: Kysely<IssuerTables>): Promise<number> {
  const { version } = await db
    .selectFrom('numbering_range')
    .select(sql<number>`count(*) + count(closed_at)`.as('version'))
    .executeTakeFirstOrThrow()
  return version
}

/** The version of a plan that was read. */
export function versionOf(plan: NumberingPlan): number {
  return plan.length + plan.filter((range) => range.closed === true).length
}

/** Adds a range; the database refuses one that overlaps another of its level, or repeats a name. */
export async function insertNumberingRange(
  tx: Transaction<IssuerTables>,
  range: NumberingRange & { id: string; scrambleKey: Uint8Array | null; createdAt: Date; leased?: number },
): Promise<void> {
  const { id, level, name, kind, first, last, scrambleKey, createdAt, businessType, leased = 0 } = range
  await tx
    .insertInto('numbering_range')
    .values({
      id,
      level,
      name,
      kind,
      first,
      last,
      leased,
      scramble_key: scrambleKey,
      created_at: createdAt,
      business_type: businessType ?? null,
    })
    .execute()
}

/** Closes a range and answers whether it was open; undefined where there is none of this name. */
export async function closeNumberingRange(
  tx: Transaction<IssuerTables>,
  { level, name, at }: { level: Level; name: string; at: Date },
): Promise<{ wasOpen: boolean } | undefined> {
  const range = await tx
    .selectFrom('numbering_range')
    .select(['id', 'closed_at'])
    .where('level', '=', level)
    .where('name', '=', name)
    .forUpdate()
    .executeTakeFirst()
  if (range === undefined) return undefined
  if (range.closed_at !== null) return { wasOpen: false }
  await tx.updateTable('numbering_range').set({ closed_at: at }).where('id', '=', range.id).execute()
  return { wasOpen: true }
}

/** Reads how far every range is used, and what was leased of it since a moment. */
export async function readRangeUse(db: Kysely<IssuerTables>, since: Date): Promise<RangeUse[]> {
  const rows = await db
    .selectFrom('numbering_range as range')
    .leftJoinLateral(
      (lateral) =>
        lateral
          .selectFrom('number_lease as lease')
          .select([
            sql<number>`coalesce(sum(lease.position_count), 0)::bigint`.as('count'),
            sql<Date | null>`min(lease.leased_at)`.as('first_at'),
          ])
          .whereRef('lease.range_id', '=', 'range.id')
          .where('lease.leased_at', '>=', since)
          .as('recent'),
      (join) => join.onTrue(),
    )
    .select(['id', 'level', 'name', 'kind', 'first', 'last', 'business_type', 'closed_at', 'leased'])
    .select(['recent.count as leased_since', 'recent.first_at'])
    .orderBy('level')
    .orderBy('first')
    .execute()
  return rows.map((row) => ({
    ...toRange(row),
    id: row.id,
    leased: row.leased,
    leasedSince: row.leased_since ?? 0,
    firstLeaseAt: row.first_at,
  }))
}

/**
 * Leases up to `count` positions of the first open range that serves the level and business type and has some left,
 * or undefined when all are used up. Committed before a number of it is used, so a crash loses numbers and never
 * gives one twice.
 */
export async function leaseNumberBlock(
  db: Kysely<IssuerTables>,
  lease: {
    id: string
    level: Level
    businessType: string | undefined
    count: number
    processId: string
    leasedAt: Date
  },
): Promise<NumberBlock | undefined> {
  const businessType = lease.businessType ?? null
  return await db.transaction().execute(async (tx) => {
    const range = await tx
      .selectFrom('numbering_range')
      .select(['id', 'level', 'name', 'kind', 'first', 'last', 'leased', 'scramble_key', 'business_type'])
      .where('level', '=', lease.level)
      .where('kind', '<>', 'chosen')
      .where('closed_at', 'is', null)
      .where('business_type', 'is not distinct from', businessType)
      .whereRef('leased', '<', sql<number>`last - first + 1`)
      .orderBy('first')
      .limit(1)
      .forUpdate()
      .executeTakeFirst()
    if (range === undefined) return undefined
    const count = Math.min(lease.count, range.last - range.first + 1 - range.leased)
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
    const definition = { ...toRange({ ...range, closed_at: null }), id: range.id }
    return { range: { ...definition, scrambleKey: range.scramble_key }, position: range.leased, count }
  })
}

/** A row as the plan has it. */
function toRange(row: {
  level: Level
  name: string
  kind: RangeKind
  first: number
  last: number
  business_type: string | null
  closed_at: Date | null
}): NumberingRange {
  const { level, name, kind, first, last, business_type: businessType, closed_at: closedAt } = row
  return {
    level,
    name,
    kind,
    first,
    last,
    ...(businessType === null ? {} : { businessType }),
    ...(closedAt === null ? {} : { closed: true }),
  }
}
