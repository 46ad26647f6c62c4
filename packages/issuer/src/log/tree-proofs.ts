import {
  createProver,
  TILE_WIDTH,
  tilePath,
  tilesForInclusion,
  type Hash,
  type HashTileAddress,
  type Prover,
} from '@arc3088/tlog'
import { LRUCache } from 'lru-cache'

import type { TileReader } from './tile-reader.ts'

/** Makes inclusion proofs, remembering what it hashed for the trees it was asked about last. */
export interface TreeProofs {
  /** The audit paths of leaves of the tree of `size`, in the order asked. */
  inclusions(indexes: readonly number[], size: number): Promise<Hash[][]>
}

/**
 * What was hashed is remembered by tree and by stretches of its leaves, 16 tiles each, so that what is asked for often
 * stays while the rest goes. A tile costs 8 KiB, and 16 KiB more with what it hashes to: half a megabyte a stretch.
 */
const STRETCH_LEAVES = 16 * TILE_WIDTH
const STRETCHES_MAX = 128

interface Stretch {
  readonly prover: Prover
  readonly tiles: Map<string, Uint8Array>
}

/** Builds the proofs of one process, over its cache of tiles. */
export function createTreeProofs(reader: TileReader): TreeProofs {
  const stretches = new LRUCache<string, Stretch>({ max: STRETCHES_MAX })

  function stretchOf(size: number, nth: number): Stretch {
    const key = `${size}/${nth}`
    const known = stretches.get(key)
    if (known !== undefined) return known
    const tiles = new Map<string, Uint8Array>()
    const prover = createProver(size, (address) => {
      const data = tiles.get(tilePath(address))
      if (data === undefined) throw new Error(`${tilePath(address)} was not loaded`)
      return data
    })
    const stretch = { prover, tiles }
    stretches.set(key, stretch)
    return stretch
  }

  return {
    async inclusions(indexes, size) {
      const wanted = new Map<string, HashTileAddress>()
      const asked = indexes.map((index) => {
        const stretch = stretchOf(size, Math.floor(index / STRETCH_LEAVES))
        const missing = tilesForInclusion(index, size)
          .map((address) => ({ address, path: tilePath(address) }))
          .filter(({ path }) => !stretch.tiles.has(path))
        for (const { address, path } of missing) wanted.set(path, address)
        return { index, stretch, missing }
      })
      const read = await reader.read([...wanted.values()])
      return asked.map(({ index, stretch, missing }) => {
        for (const { path } of missing) {
          const data = read.get(path)
          if (data !== undefined) stretch.tiles.set(path, data)
        }
        return stretch.prover.inclusion(index)
      })
    },
  }
}
