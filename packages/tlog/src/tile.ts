import { HASH_BYTES, TREE_SIZE_MAX } from './leaf-hash.ts'
import type { Subtree } from './subtree.ts'

/** Hashes in a full tile, entries in a full bundle (tlog-tiles, Merkle Tree). */
export const TILE_WIDTH = 256
/** How many levels of the tree one tile spans. */
export const TILE_HEIGHT = 8
/** The highest level of tiles that a tree of 2^53 - 1 leaves has. */
export const TILE_LEVEL_MAX = 6

/** Where a tile of hashes stands, or a bundle of entries (`level: 'entries'`). */
export interface TileAddress {
  /** 0 … TILE_LEVEL_MAX, or the entries under level 0. */
  readonly level: number | 'entries'
  readonly index: number
  /** 1 … 256; below 256 the tile is partial. */
  readonly width: number
}

export interface HashTileAddress extends TileAddress {
  readonly level: number
}

/** A tile of hashes with its bytes: `width` × 32. */
export interface Tile extends HashTileAddress {
  readonly data: Uint8Array
}

/** `tile/0/x001/234.p/5`, `tile/entries/067`: below the log's prefix (tlog-tiles). Throws for an address no tree has. */
export function tilePath(address: TileAddress): string {
  if (!isTileAddress(address)) throw new Error(`no tree has a tile ${JSON.stringify(address)}`)
  const { level, index, width } = address
  const digits = String(index)
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? []
  const path = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/')
  return `tile/${level}/${path}${width < TILE_WIDTH ? `.p/${width}` : ''}`
}

const PATH = /^tile\/(?<level>\d|entries)\/(?<index>(?:x\d{3}\/){0,5}\d{3})(?:\.p\/(?<width>[1-9]\d{0,2}))?$/

/** Reads what `tilePath` writes; undefined for every other spelling and for a tile that no tree has. */
export function parseTilePath(path: string): TileAddress | undefined {
  const { level, index, width } = PATH.exec(path)?.groups ?? {}
  if (level === undefined || index === undefined) return undefined
  const address = {
    level: level === 'entries' ? level : Number(level),
    index: Number(index.replaceAll(/[x/]/g, '')),
    width: width === undefined ? TILE_WIDTH : Number(width),
  } as const
  // Groups of zeros in front, and `.p/256`, are second names for one resource.
  return isTileAddress(address) && tilePath(address) === path ? address : undefined
}

/** Whether some tree of at most 2^53 - 1 leaves has this tile. */
export function isTileAddress({ level, index, width }: TileAddress): boolean {
  const height = level === 'entries' ? 0 : level
  if (!Number.isInteger(height) || height < 0 || height > TILE_LEVEL_MAX) return false
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH) return false
  if (!Number.isSafeInteger(index) || index < 0) return false
  return index * TILE_WIDTH + width <= Math.floor(TREE_SIZE_MAX / TILE_WIDTH ** height)
}

/** How many of its 256 places the tile at (`level`, `index`) has filled in a tree of `size`; 0 where it has no such tile. */
export function tileWidthAt(level: number | 'entries', index: number, size: number): number {
  const filled = Math.floor(size / TILE_WIDTH ** (level === 'entries' ? 0 : level)) - index * TILE_WIDTH
  return Math.max(0, Math.min(TILE_WIDTH, filled))
}

/** The partial tiles at the right edge of a tree of `size`, lowest level first: what it needs to grow. */
export function tilesForEdge(size: number): HashTileAddress[] {
  const tiles: HashTileAddress[] = []
  for (let level = 0, nodes = size; nodes > 0; level += 1, nodes = Math.floor(nodes / TILE_WIDTH)) {
    const width = nodes % TILE_WIDTH
    if (width > 0) tiles.push({ level, index: Math.floor(nodes / TILE_WIDTH), width })
  }
  return tiles
}

/** Which tile, and where in it, a subtree's hash is made from. */
export interface SubtreePlace {
  readonly tile: HashTileAddress
  /** 0: the tile's own hashes; above: what pairs of them hash to. */
  readonly row: number
  readonly column: number
}

export function placeOf({ height, index }: Subtree, size: number): SubtreePlace {
  const level = Math.floor(height / TILE_HEIGHT)
  const row = height % TILE_HEIGHT
  const columns = TILE_WIDTH / 2 ** row
  const tileIndex = Math.floor(index / columns)
  return {
    tile: { level, index: tileIndex, width: tileWidthAt(level, tileIndex, size) },
    row,
    column: index % columns,
  }
}

/** The tiles that some subtrees are made from, each once, by level and index. */
export function tilesOf(subtrees: readonly Subtree[], size: number): HashTileAddress[] {
  const tiles = new Map(
    subtrees.map((subtree) => {
      const { tile } = placeOf(subtree, size)
      return [tilePath(tile), tile]
    }),
  )
  return [...tiles.values()].toSorted((a, b) => a.level - b.level || a.index - b.index)
}

/** How many bytes of hashes a tile of `width` has. */
export function tileBytes(width: number): number {
  return width * HASH_BYTES
}
