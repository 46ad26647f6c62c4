import { sql, type Kysely, type Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { StoredTile } from './stored-tile.ts'

/** One statement has four values a tile and PostgreSQL 65,535 at most. */
const TILES_AT_ONCE_MAX = 4096

/** Writes tiles that are new or wider than before; the database refuses any other change. */
export async function writeTiles(tx: Transaction<IssuerTables>, tiles: readonly StoredTile[]): Promise<void> {
  for (let at = 0; at < tiles.length; at += TILES_AT_ONCE_MAX) {
    await tx
      .insertInto('log_tile')
      .values(
        tiles
          .slice(at, at + TILES_AT_ONCE_MAX)
          .map(({ level, index, width, data }) => ({ level, index, width, data })),
      )
      .onConflict((conflict) =>
        conflict.columns(['level', 'index']).doUpdateSet((row) => ({
          width: row.ref('excluded.width'),
          data: row.ref('excluded.data'),
        })),
      )
      .execute()
  }
}

/** Reads tiles by level and index, those that there are, in no order. */
export async function readTiles(
  db: Kysely<IssuerTables>,
  wanted: readonly { readonly level: number; readonly index: number }[],
): Promise<StoredTile[]> {
  if (wanted.length === 0) return []
  const levels = `{${wanted.map(({ level }) => level).join(',')}}`
  const indexes = `{${wanted.map(({ index }) => index).join(',')}}`
  const { rows } = await sql<StoredTile>`
    select level, index, width, data
    from unnest(${levels}::smallint[], ${indexes}::bigint[]) as wanted (level, index)
    join log_tile using (level, index)`.execute(db)
  return rows
}

/** How many tiles and bundles are stored. */
export async function countTiles(db: Kysely<IssuerTables>): Promise<number> {
  const { count } = await db
    .selectFrom('log_tile')
    .select((query) => query.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}
