import {
  createRowsProver,
  HASH_BYTES,
  nodeAt,
  rowsOf,
  TILE_WIDTH,
  tilePath,
  tilesForRoot,
  tilesOverLeaf,
  tileWidthAt,
  type Hash,
  type HashTileAddress,
  type TileRows,
} from '@arc3088/tlog'
import { LRUCache } from 'lru-cache'

import type { TileReader } from './tile-reader.ts'

/** Makes inclusion proofs, remembering what tiles hash to. */
export interface TreeProofs {
  /** The leaves themselves, as hashes, in the order asked; of the tree of `size`. */
  leaves(indexes: readonly number[], size: number): Promise<Hash[]>
  /** The audit paths of leaves of the tree of `size`, in the order asked. */
  inclusions(indexes: readonly number[], size: number): Promise<Hash[][]>
}

/** A tile and what it hashes to cost 16 KiB: those of the newest million leaves, or of as many as are asked for. */
const ROWS_BYTES_MAX = 72 * 1024 * 1024
const TILE_LEVELS = 8

/**
 * Builds the proofs of one process. What a tile hashes to is kept whatever the tree: a later tree has the same tiles,
 * but for those at its right edge, which are wider in it; and of a wider tile no narrower tree asks for more than it has.
 */
export function createTreeProofs(
  reader: Pick<TileReader, 'read'>,
  rowsBytesMax = ROWS_BYTES_MAX,
): TreeProofs {
  const kept = new LRUCache<number, TileRows>({ maxSize: rowsBytesMax, sizeCalculation: bytesOf })

  async function load(wanted: ReadonlyMap<number, HashTileAddress>): Promise<Map<number, TileRows>> {
    const loaded = new Map<number, TileRows>()
    const missing = new Map<number, HashTileAddress>()
    for (const [key, address] of wanted) {
      const rows = kept.get(key)
      if (rows !== undefined && widthOf(rows) >= address.width) loaded.set(key, rows)
      else missing.set(key, address)
    }
    if (missing.size === 0) return loaded
    const read = await reader.read([...missing.values()])
    for (const [key, address] of missing) {
      const data = read.get(tilePath(address))
      if (data === undefined) throw new Error(`the log has no ${tilePath(address)}`)
      const rows = rowsOf(data)
      loaded.set(key, rows)
      kept.set(key, rows)
    }
    return loaded
  }

  return {
    async leaves(indexes, size) {
      const tiles = indexes.map((index) => leafTile(index, size))
      const rows = await load(new Map(tiles.map((address) => [keyOf(address), address])))
      return tiles.map((address, nth) => {
        return nodeAt(rows.get(keyOf(address)) ?? [], 0, (indexes[nth] ?? 0) % TILE_WIDTH)
      })
    },
    async inclusions(indexes, size) {
      const wanted = new Map<number, HashTileAddress>()
      const want = (address: HashTileAddress) => wanted.set(keyOf(address), address)
      if (indexes.length > 0) tilesForRoot(size).forEach(want)
      for (const index of indexes) tilesOverLeaf(index, size).forEach(want)
      const rows = await load(wanted)
      const prover = createRowsProver(size, (address) => rows.get(keyOf(address)) ?? [])
      return indexes.map(prover.inclusion)
    },
  }
}

function leafTile(leaf: number, size: number): HashTileAddress {
  const index = Math.floor(leaf / TILE_WIDTH)
  return { level: 0, index, width: tileWidthAt(0, index, size) }
}

function keyOf({ level, index }: HashTileAddress): number {
  return index * TILE_LEVELS + level
}

function widthOf(rows: TileRows): number {
  return (rows[0]?.length ?? 0) / HASH_BYTES
}

function bytesOf(rows: TileRows): number {
  return rows.reduce((sum, row) => sum + row.length + 100, 0)
}
