import { sql, type Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { StatusIndex } from '../numbering/supply.ts'

/**
 * Entries of status lists that stand in more than one record: at most `limit`,
 * and none as long as leases are what they promise. A lock of one such code would lock another.
 *
 * No unique index can say it: records are partitioned by requester and an entry is of any. A table beside them that
 * could would cost every assignment a row and an index entry for what a lease proves by arithmetic; so this is a check,
 * for tests and operators, that reads every record once. `others` are entries that documents besides records use.
 */
export async function readDoubledPlaces(
  db: Kysely<IssuerTables>,
  limit: number,
  others: readonly StatusIndex[] = [],
): Promise<StatusIndex[]> {
  const { rows } = await sql<StatusIndex>`
    select used.list, used.index
    from (
      select status_list as list, status_index as index from assignment_record
      union all
      select * from unnest(
        ${others.map(({ list }) => list)}::integer[], ${others.map(({ index }) => index)}::integer[]
      )
    ) as used
    group by used.list, used.index
    having count(*) > 1
    limit ${limit}`.execute(db)
  return rows
}

/** Lists of which more entries stand in records than were leased; none, for the same reason. */
export async function readOverdrawnLists(db: Kysely<IssuerTables>): Promise<number[]> {
  const { rows } = await sql<{ number: number }>`
    select used.status_list as number
    from (select status_list, count(*) as used from assignment_record group by status_list) as used
    left join status_list on number = status_list
    where number is null or used.used > leased
    order by 1`.execute(db)
  return rows.map(({ number }) => number)
}
