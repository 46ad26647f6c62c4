import { createProver, tilesForInclusion, tilePath, type Hash, type Prover } from '@arc3088/tlog'
import { LRUCache } from 'lru-cache'

import type { TileReader } from './tile-reader.ts'

/** Makes inclusion proofs, remembering what it hashed for the trees it was asked about last. */
export interface TreeProofs {
  /** The audit paths of leaves of the tree of `size`, in the order asked. */
  inclusions(indexes: readonly number[], size: number): Promise<Hash[][]>
}

/** Checkpoints that proofs are asked against at one time: the newest, the one before, one that is kept. */
const TREES_MAX = 3
/** A tile costs 8 KiB, and 16 KiB more with what it hashes to. */
const TILES_MAX = 1500

interface Tree {
  readonly prover: Prover
  readonly tiles: Map<string, Uint8Array>
}

/** Builds the proofs of one process, over its cache of tiles. */
export function createTreeProofs(reader: TileReader): TreeProofs {
  const trees = new LRUCache<number, Tree>({ max: TREES_MAX })

  function treeOf(size: number): Tree {
    const known = trees.get(size)
    if (known !== undefined && known.tiles.size <= TILES_MAX) return known
    const tiles = new Map<string, Uint8Array>()
    const prover = createProver(size, (address) => {
      const data = tiles.get(tilePath(address))
      if (data === undefined) throw new Error(`${tilePath(address)} was not loaded`)
      return data
    })
    const tree = { prover, tiles }
    trees.set(size, tree)
    return tree
  }

  return {
    async inclusions(indexes, size) {
      const { prover, tiles } = treeOf(size)
      const wanted = new Map(
        indexes
          .flatMap((index) => tilesForInclusion(index, size))
          .map((address) => [tilePath(address), address] as const)
          .filter(([path]) => !tiles.has(path)),
      )
      for (const [path, data] of await reader.read([...wanted.values()])) tiles.set(path, data)
      return indexes.map((index) => prover.inclusion(index))
    },
  }
}
