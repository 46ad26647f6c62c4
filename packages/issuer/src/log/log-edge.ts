import {
  EMPTY_EDGE,
  EMPTY_ROOT,
  encodeEntryRun,
  growTree,
  TILE_WIDTH,
  type EntryRun,
  type Hash,
  type TreeEdge,
} from '@arc3088/tlog'

import { ENTRIES_LEVEL, type StoredTile } from './stored-tile.ts'

/** All of the log that is needed to append to it. None of its bytes is ever written to again. */
export interface LogEdge {
  readonly root: Hash
  readonly tree: TreeEdge
  /** The partial bundle at the right end, empty where the last one is full. */
  readonly bundle: Uint8Array
}

export interface LogGrowth {
  readonly edge: LogEdge
  /** Every tile and bundle that is new or wider than before. */
  readonly tiles: readonly StoredTile[]
}

export const EMPTY_LOG: LogEdge = { root: EMPTY_ROOT, tree: EMPTY_EDGE, bundle: new Uint8Array(0) }

/** Appends entries, in this order. */
export function growLog(edge: LogEdge, entries: readonly string[]): LogGrowth {
  const run = encodeEntryRun(entries)
  const growth = growTree(edge.tree, run.leaves)
  const { bundles, partial } = growBundles(edge, run)
  return {
    edge: { root: growth.root, tree: growth.edge, bundle: partial },
    tiles: [...bundles, ...growth.tiles],
  }
}

function growBundles(
  edge: LogEdge,
  { bytes, ends }: EntryRun,
): { bundles: StoredTile[]; partial: Uint8Array } {
  const bundles: StoredTile[] = []
  let [size, partial] = [edge.tree.size, edge.bundle]
  let [at, from] = [0, 0]
  while (at < ends.length) {
    const before = size % TILE_WIDTH
    const taken = Math.min(TILE_WIDTH - before, ends.length - at)
    const end = ends[at + taken - 1] ?? from
    // Copies: a bundle must not keep the whole run alive.
    const data = Buffer.concat([partial, bytes.subarray(from, end)])
    from = end
    const width = before + taken
    bundles.push({ level: ENTRIES_LEVEL, index: Math.floor(size / TILE_WIDTH), width, data })
    partial = width === TILE_WIDTH ? EMPTY_LOG.bundle : data
    size += taken
    at += taken
  }
  return { bundles, partial }
}
