import { sql, type Kysely } from 'kysely'

import type { RootTables } from '../db/tables.ts'

/** An entity that the root makes statements about, and when that last had to change. */
export interface Subordinate {
  readonly code: number
  readonly entityId: string
  readonly registeredAt: Date
  /** Its assignment, the last change of its keys or of the standing of the statement about it. */
  readonly updatedAt: Date
  /** When the statement was withdrawn, where it is. */
  readonly revokedAt: Date | null
}

/** Which subordinates are wanted: from a code on, changed between two instants. */
export interface SubordinatePage {
  readonly fromCode: number
  readonly updatedAfter: Date | undefined
  readonly updatedBefore: Date | undefined
  readonly limit: number
}

/** Reads subordinates in the order of their codes, which never changes: what is listed stays where it is. */
export async function readSubordinates(
  db: Kysely<RootTables>,
  { fromCode, updatedAfter, updatedBefore, limit }: SubordinatePage,
): Promise<Subordinate[]> {
  const { rows } = await sql<Subordinate>`
    select code, entity_id as "entityId", assigned_at as "registeredAt", updated_at as "updatedAt",
      case when standing = 0 then null else standing_at end as "revokedAt"
    from provider
    cross join lateral (
      select max(changed_at) as key_at from provider_key where provider_key.provider = provider.code
    ) keys
    left join lateral (
      select status as standing, changed_at as standing_at from status_change
      where list = provider.statement_status_list and index = provider.statement_status_index
      order by id desc limit 1
    ) standings on true
    cross join lateral (select greatest(assigned_at, key_at, standing_at) as updated_at) changes
    where code >= ${fromCode}
      and (${updatedAfter ?? null}::timestamptz is null or updated_at >= ${updatedAfter ?? null})
      and (${updatedBefore ?? null}::timestamptz is null or updated_at < ${updatedBefore ?? null})
    order by code
    limit ${limit}`.execute(db)
  return rows.map((row) => ({ ...row, code: Number(row.code) }))
}
