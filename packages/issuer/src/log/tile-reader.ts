import { TILE_WIDTH, tilePath, type HashTileAddress, type TileAddress } from '@arc3088/tlog'
import type { Kysely } from 'kysely'
import { LRUCache } from 'lru-cache'

import type { IssuerTables } from '../db/tables.ts'
import { readTiles } from './log-tile.store.ts'
import { storedLevelOf, type StoredTile } from './stored-tile.ts'

/** Tiles by their address. What a tile holds never changes, so that whatever is at least as wide as asked for will do. */
export interface TileReader {
  /** Those that there are, by `tilePath`; each as wide as asked for, or wider. */
  read(wanted: readonly TileAddress[]): Promise<Map<string, Uint8Array>>
  /** As `read`, for those that a tree has: throws where one is missing. Answers them one by one. */
  load(wanted: readonly HashTileAddress[]): Promise<(address: HashTileAddress) => Uint8Array>
}

const CACHED_BYTES_MAX = 64 * 1024 * 1024

/** Builds a reader over a bounded cache: nothing in it can grow stale, only be too narrow. */
export function createTileReader(db: Kysely<IssuerTables>, cachedBytesMax = CACHED_BYTES_MAX): TileReader {
  const cache = new LRUCache<string, StoredTile>({
    maxSize: cachedBytesMax,
    sizeCalculation: ({ data }) => data.length + 200,
  })
  const keyOf = (level: number, index: number): string => `${level}/${index}`

  async function read(wanted: readonly TileAddress[]): Promise<Map<string, Uint8Array>> {
    const found = new Map<string, Uint8Array>()
    const missing: TileAddress[] = []
    for (const address of wanted) {
      const cached = cache.get(keyOf(storedLevelOf(address.level), address.index))
      if (cached !== undefined && cached.width >= address.width) found.set(tilePath(address), cached.data)
      else missing.push(address)
    }
    const rows = await readTiles(
      db,
      missing.map(({ level, index }) => ({ level: storedLevelOf(level), index })),
    )
    const byKey = new Map(rows.map((tile) => [keyOf(tile.level, tile.index), tile]))
    for (const [key, tile] of byKey) cache.set(key, tile)
    for (const address of missing) {
      const tile = byKey.get(keyOf(storedLevelOf(address.level), address.index))
      if (tile !== undefined && tile.width >= address.width) found.set(tilePath(address), tile.data)
    }
    return found
  }

  return {
    read,
    async load(wanted) {
      const found = await read(wanted)
      return (address) => {
        const data = found.get(tilePath(address))
        if (data === undefined) throw new Error(`the log has no ${tilePath(address)}`)
        return data
      }
    },
  }
}

/** The addresses of the bundles that hold the entries [from, to) of a log of at least `to`. */
export function bundlesFor(from: number, to: number): TileAddress[] {
  const addresses: TileAddress[] = []
  for (let index = Math.floor(from / TILE_WIDTH); index * TILE_WIDTH < to; index += 1) {
    addresses.push({ level: 'entries', index, width: Math.min(TILE_WIDTH, to - index * TILE_WIDTH) })
  }
  return addresses
}
