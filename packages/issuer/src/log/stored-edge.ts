import {
  equalBytes,
  readTreeEdge,
  rootOf,
  TILE_WIDTH,
  tilesForEdge,
  type HashTileAddress,
} from '@arc3088/tlog'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { EMPTY_LOG, type LogEdge } from './log-edge.ts'
import type { LogState } from './log-leader.store.ts'
import { readTiles } from './log-tile.store.ts'
import { ENTRIES_LEVEL } from './stored-tile.ts'

/** What is stored, shown or vouched for does not belong to one tree. Nothing may be appended to it. */
export class LogContradiction extends Error {
  override readonly name = 'LogContradiction'
}

/** Reads the right edge of the stored tree, and holds it against its root. Throws LogContradiction. */
export async function readLogEdge(
  db: Kysely<IssuerTables>,
  { size, root }: Pick<LogState, 'size' | 'root'>,
): Promise<LogEdge> {
  const bundleWidth = size % TILE_WIDTH
  const bundleIndex = Math.floor(size / TILE_WIDTH)
  const wanted = tilesForEdge(size)
  const rows = await readTiles(db, [
    ...wanted,
    ...(bundleWidth === 0 ? [] : [{ level: ENTRIES_LEVEL, index: bundleIndex }]),
  ])
  const stored = (level: number, index: number, width: number): Uint8Array => {
    const tile = rows.find((row) => row.level === level && row.index === index)
    if (tile?.width === width) return tile.data
    throw new LogContradiction(
      `a log of ${size} has a tile ${level}/${index} of ${width}; stored is one of ${tile?.width ?? 0}`,
    )
  }
  const tree = readTreeEdge(size, ({ level, index, width }: HashTileAddress) => stored(level, index, width))
  if (!equalBytes(rootOf(tree), root)) {
    throw new LogContradiction(`the stored tiles do not hash to the stored root of size ${size}`)
  }
  const bundle = bundleWidth === 0 ? EMPTY_LOG.bundle : stored(ENTRIES_LEVEL, bundleIndex, bundleWidth)
  return { root, tree, bundle }
}
