import { createProver, tilesForRoot } from '@arc3088/tlog'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { readLogState, type LogState } from '../log/log-leader.store.ts'
import { LogContradiction, readLogEdge } from '../log/stored-edge.ts'
import { createTileReader } from '../log/tile-reader.ts'

/** The tree that the database has, once its right edge was held against its root. */
export interface StoredTree {
  readonly state: LogState | undefined
  /** Why it is none, where its tiles do not hash to its root. */
  readonly unsound?: string
  /** The root that it had at the size asked for, hexadecimal; undefined while it is smaller, or unsound. */
  readonly earlierRoot?: string
}

const CACHED_BYTES_MAX = 1024 * 1024

/** Reads the stored tree as far as it is needed to know its roots, in one snapshot: its leader may be at work. */
export async function readStoredTree(
  db: Kysely<IssuerTables>,
  earlierSize: number | undefined,
): Promise<StoredTree> {
  return await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      const state = await readLogState(tx)
      if (state === undefined) return { state }
      try {
        await readLogEdge(tx, state)
      } catch (error) {
        if (error instanceof LogContradiction) return { state, unsound: error.message }
        throw error
      }
      if (earlierSize === undefined || earlierSize > state.size) return { state }
      const tiles = createTileReader(tx, CACHED_BYTES_MAX)
      const readTile = await tiles.load(tilesForRoot(earlierSize))
      const root = createProver(earlierSize, readTile).root()
      return { state, earlierRoot: Buffer.from(root).toString('hex') }
    })
}
