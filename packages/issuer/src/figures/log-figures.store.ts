import { sql, type Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'

/** How the log stands in the database, of one snapshot. */
export interface StoredLogFigures {
  readonly term: number
  readonly size: number
  /** Counted up to a bound. */
  readonly queued: number
  readonly oldestQueuedAt: Date | null
  readonly signedAt: Date | null
  readonly published: number | null
  readonly witnessed: number | null
  readonly witnessedAt: Date | null
  /** When the oldest checkpoint was shown that has not reached its quorum, nor has a later one. */
  readonly unwitnessedSince: Date | null
  readonly forks: number
}

/** Reads how the log stands; undefined where there is none yet. `countMax` bounds what is counted of the queue. */
export async function readLogFigures(
  db: Kysely<IssuerTables>,
  countMax: number,
): Promise<StoredLogFigures | undefined> {
  const { rows } = await sql<StoredLogFigures>`
    with witnessed as (
      select size, witnessed_at from log_checkpoint where witnessed_at is not null order by size desc limit 1
    )
    select term, size,
      (select count(*) from (select from log_queue limit ${countMax}) as counted) as queued,
      (select queued_at from log_queue order by id limit 1) as "oldestQueuedAt",
      (select signed_at from log_checkpoint order by size desc limit 1) as "signedAt",
      (select size from log_checkpoint where published_at is not null order by size desc limit 1) as published,
      (select size from witnessed) as witnessed,
      (select witnessed_at from witnessed) as "witnessedAt",
      (
        select published_at from log_checkpoint
        where published_at is not null and size > coalesce((select size from witnessed), -1)
        order by size limit 1
      ) as "unwitnessedSince",
      (select count(*) from fork_evidence) as forks
    from log_state`.execute(db)
  return rows[0]
}
