import { EMPTY_ROOT, isTreeNumber, type Hash } from './leaf-hash.ts'
import { consistencyRanges, foldRight, inclusionRanges, subtreesOf, type LeafRange } from './subtree.ts'
import { nodeAt, rowsOf, type TileRows } from './tile-rows.ts'
import { placeOf, tileBytes, tilePath, tilesOf, type HashTileAddress } from './tile.ts'

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

/** Throws where a tile is narrower than the tree needs; whether its bytes are right, only a verified proof can say. */
export function createProver(size: number, readTile: ReadTile): Prover {
  if (!isTreeNumber(size)) throw new Error(`${size} is no size of a tree`)
  const known = new Map<string, TileRows>()

  function rows(address: HashTileAddress): TileRows {
    const path = tilePath(address)
    const found = known.get(path)
    if (found !== undefined) return found
    const data = readTile(address)
    if (data.length < tileBytes(address.width)) throw new Error(`${path} is narrower than the tree needs`)
    const made = rowsOf(data.subarray(0, tileBytes(address.width)))
    known.set(path, made)
    return made
  }

  function hashOf(range: LeafRange): Hash {
    const nodes = subtreesOf(range).map((subtree) => {
      const { tile, row, column } = placeOf(subtree, size)
      return nodeAt(rows(tile), row, column)
    })
    return foldRight(nodes) ?? EMPTY_ROOT
  }

  return {
    root: () => hashOf({ from: 0, to: size }),
    inclusion: (index) => inclusionRanges(index, size).map(hashOf),
    consistency: (fromSize) => consistencyRanges(fromSize, size).map(hashOf),
  }
}

/** The tiles that ranges of a tree of `size` are hashed from. */
export function tilesForRanges(ranges: readonly LeafRange[], size: number): HashTileAddress[] {
  return tilesOf(ranges.flatMap(subtreesOf), size)
}

/** The tiles that the root of a tree of `size` is hashed from. */
export function tilesForRoot(size: number): HashTileAddress[] {
  return tilesForRanges([{ from: 0, to: size }], size)
}
