import { EMPTY_ROOT, isTreeNumber, type Hash } from './leaf-hash.ts'
import {
  consistencyRanges,
  foldRight,
  inclusionRanges,
  peakOver,
  subtreesOf,
  type LeafRange,
  type Peak,
} from './subtree.ts'
import { nodeAt, rowsOf, type TileRows } from './tile-rows.ts'
import {
  placeOf,
  TILE_HEIGHT,
  TILE_WIDTH,
  tileBytes,
  tilePath,
  tilesOf,
  tileWidthAt,
  type HashTileAddress,
} from './tile.ts'

/** Gives a tile that is loaded already: the one asked for or a wider one of the same level and index. */
export type ReadTile = (address: HashTileAddress) => Uint8Array

/** Makes proofs about one tree and keeps what it hashed: 16 KiB a tile it touched, so it is not for keeping long. */
export interface Prover {
  root(): Hash
  /** RFC 9162 2.1.3.1. Throws for a leaf that the tree does not have. */
  inclusion(index: number): Hash[]
  /** RFC 9162 2.1.4.1, from an earlier size to this tree's. Throws for a larger one. */
  consistency(fromSize: number): Hash[]
}

/** Gives the rows of a tile that is loaded already: of the one asked for, or of a wider one of the same level and index. */
export type ReadRows = (address: HashTileAddress) => TileRows

/** Throws where a tile is narrower than the tree needs; whether its bytes are right, only a verified proof can say. */
export function createProver(size: number, readTile: ReadTile): Prover {
  const known = new Map<string, TileRows>()
  return createRowsProver(size, (address) => {
    const path = tilePath(address)
    const found = known.get(path)
    if (found !== undefined) return found
    const data = readTile(address)
    demandWidth(data, address)
    const made = rowsOf(data.subarray(0, tileBytes(address.width)))
    known.set(path, made)
    return made
  })
}

/** As `createProver`, for whoever keeps what tiles hash to: of a full tile, that is the same for every tree. */
export function createRowsProver(size: number, readRows: ReadRows): Prover {
  if (!isTreeNumber(size)) throw new Error(`${size} is no size of a tree`)
  // By the first leaf of a perfect subtree, what its leaves have in common: the hashes beside it up to the root.
  const above = new Map<number, Hash[]>()

  function rows(address: HashTileAddress): TileRows {
    const found = readRows(address)
    demandWidth(found[0] ?? EMPTY_ROOT, address)
    return found
  }

  function hashOf(range: LeafRange): Hash {
    const nodes = subtreesOf(range).map((subtree) => {
      const { tile, row, column } = placeOf(subtree, size)
      return nodeAt(rows(tile), row, column)
    })
    return foldRight(nodes) ?? EMPTY_ROOT
  }

  function beside(peak: Peak): Hash[] {
    const known = above.get(peak.from)
    if (known !== undefined) return known
    const hashes = inclusionRanges(peak.from, size).slice(peak.height).map(hashOf)
    above.set(peak.from, hashes)
    return hashes
  }

  function inclusion(index: number): Hash[] {
    const peak = peakOver(index, size)
    const siblings: Hash[] = []
    for (const tile of tilesBelow(peak, index, size)) {
      const some = rows(tile)
      const first = tile.level * TILE_HEIGHT
      let column = Math.floor(index / 2 ** first) % TILE_WIDTH
      for (let row = 0; row < TILE_HEIGHT && first + row < peak.height; row += 1, column >>>= 1) {
        siblings.push(nodeAt(some, row, column ^ 1))
      }
    }
    return siblings.concat(beside(peak))
  }

  return {
    root: () => hashOf({ from: 0, to: size }),
    inclusion,
    consistency: (fromSize) => consistencyRanges(fromSize, size).map(hashOf),
  }
}

function demandWidth(data: Uint8Array, address: HashTileAddress): void {
  if (data.length >= tileBytes(address.width)) return
  throw new Error(`${tilePath(address)} is narrower than the tree needs`)
}

/** The tiles that hashes between a leaf and the top of the perfect subtree it stands in are made from, lowest first. */
function tilesBelow({ height }: Peak, index: number, size: number): HashTileAddress[] {
  const tiles: HashTileAddress[] = []
  for (let level = 0; level * TILE_HEIGHT < height; level += 1) {
    const tile = Math.floor(index / TILE_WIDTH ** (level + 1))
    tiles.push({ level, index: tile, width: tileWidthAt(level, tile, size) })
  }
  return tiles
}

/**
 * Tiles enough for the inclusion of a leaf, given those of `tilesForRoot` too: cheaper to name than `tilesForInclusion`,
 * for whoever proves many leaves of one tree.
 */
export function tilesOverLeaf(index: number, size: number): HashTileAddress[] {
  return tilesBelow(peakOver(index, size), index, size)
}

/** The tiles that ranges of a tree of `size` are hashed from. */
export function tilesForRanges(ranges: readonly LeafRange[], size: number): HashTileAddress[] {
  return tilesOf(ranges.flatMap(subtreesOf), size)
}

/** The tiles that the root of a tree of `size` is hashed from. */
export function tilesForRoot(size: number): HashTileAddress[] {
  return tilesForRanges([{ from: 0, to: size }], size)
}
