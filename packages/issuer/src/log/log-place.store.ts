import { TILE_WIDTH } from '@arc3088/tlog'
import { sql, type Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { ENTRIES_LEVEL } from './stored-tile.ts'

/** Where an entry stands, and the stretch of its bundle in which it is likely to be found. */
export interface EntryPlace {
  readonly position: number
  /** Null where there is no such bundle. */
  readonly near: Uint8Array | null
}

/** A twentieth of a bundle: entries are about as long as each other, so that this has most of them whole. */
const STRETCH_BYTES = 1280
const STRETCH_BEFORE = 512

/**
 * For each hash, in the order asked, where entries stand that may be of its record; lowest first. Of each bundle no more
 * is read than a stretch about where an entry would begin if all were of one length.
 */
export async function findPlaces(
  db: Kysely<IssuerTables>,
  hashes: readonly bigint[],
): Promise<EntryPlace[][]> {
  const found: EntryPlace[][] = hashes.map(() => [])
  const { rows } = await sql<EntryPlace & { nth: number }>`
    select nth, position, substring(
      data from greatest(1, octet_length(data) / width * (position % ${sql.lit(TILE_WIDTH)})::integer - ${sql.lit(STRETCH_BEFORE)})
      for ${sql.lit(STRETCH_BYTES)}
    ) as near
    from unnest(${`{${hashes.join(',')}}`}::bigint[]) with ordinality as wanted (hash64, nth)
    join log_position using (hash64)
    left join log_tile on level = ${sql.lit(ENTRIES_LEVEL)} and index = position / ${sql.lit(TILE_WIDTH)}
    order by nth, position`.execute(db)
  for (const { nth, position, near } of rows) found[nth - 1]?.push({ position, near })
  return found
}
