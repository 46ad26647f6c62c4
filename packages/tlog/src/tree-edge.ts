import {
  EMPTY_ROOT,
  HASH_BYTES,
  hashNode,
  isHash,
  isTreeNumber,
  TREE_SIZE_MAX,
  type Hash,
} from './leaf-hash.ts'
import { nodeAt, rowsOf } from './tile-rows.ts'
import { TILE_HEIGHT, TILE_WIDTH, tileBytes, tilesForEdge, type HashTileAddress, type Tile } from './tile.ts'

/**
 * All of a tree that is needed to make it grow: at every level the hashes of the partial tile at its right end, empty
 * where the last tile is full. `tiles` ends with the highest level that is not empty. None of the bytes is ever written
 * to again, here or by the caller.
 */
export interface TreeEdge {
  readonly size: number
  readonly tiles: readonly Uint8Array[]
}

export interface TreeHead {
  readonly size: number
  readonly root: Hash
}

export interface TreeGrowth {
  readonly edge: TreeEdge
  readonly root: Hash
  /** Every tile that is new or wider than before, lowest level first: full ones and the partial one of each level. */
  readonly tiles: readonly Tile[]
}

export const EMPTY_EDGE: TreeEdge = { size: 0, tiles: [] }

const NO_HASHES = new Uint8Array(0)

/**
 * Appends leaves (their hashes, from `hashLeaf`, or the bytes of those one after the other) to a tree of which only the
 * edge is known. The edge is taken on trust: compare `rootOf` it with a root that is signed, first.
 */
export function growTree(edge: TreeEdge, leaves: readonly Hash[] | Uint8Array): TreeGrowth {
  let added = leaves instanceof Uint8Array ? leaves : concatenate(leaves)
  if (added.length % HASH_BYTES !== 0) throw new Error('a leaf has 32 bytes')
  const size = edge.size + added.length / HASH_BYTES
  if (size > TREE_SIZE_MAX) throw new Error('a tree has at most 2^53 - 1 leaves')
  const tiles: Tile[] = []
  const edgeTiles = [...edge.tiles]
  for (let level = 0; added.length > 0; level += 1) {
    const nodes = join(edgeTiles[level] ?? NO_HASHES, added)
    const firstIndex = Math.floor(edge.size / TILE_WIDTH ** (level + 1))
    const { full, partial } = cut(nodes)
    tiles.push(...full.map((data, at) => ({ level, index: firstIndex + at, width: TILE_WIDTH, data })))
    if (partial.length > 0) {
      tiles.push({
        level,
        index: firstIndex + full.length,
        width: partial.length / HASH_BYTES,
        data: partial,
      })
    }
    edgeTiles[level] = partial
    added = concatenate(full.map((tile) => nodeAt(rowsOf(tile), TILE_HEIGHT, 0)))
  }
  const grown = { size, tiles: edgeTiles }
  return { edge: grown, root: rootOf(grown), tiles }
}

/** The root of the tree that has this edge (RFC 9162 2.1.1). Throws for an edge of the wrong shape. */
export function rootOf(edge: TreeEdge): Hash {
  assertShape(edge)
  let right: Hash | undefined
  for (const tile of edge.tiles) {
    const rows = rowsOf(tile)
    const width = tile.length / HASH_BYTES
    // The perfect subtrees of a tile, narrowest and rightmost first, are the bits of its width.
    for (let row = 0; row < TILE_HEIGHT; row += 1) {
      const nodes = width >>> row
      if (nodes % 2 === 0) continue
      const node = nodeAt(rows, row, nodes - 1)
      right = right === undefined ? node : hashNode(node, right)
    }
  }
  return right ?? EMPTY_ROOT
}

/**
 * The edge of a tree of `size`, from its tiles: those of `tilesForEdge`, or wider ones of the same index. Throws for a
 * tile that is too narrow.
 */
export function readTreeEdge(size: number, readTile: (address: HashTileAddress) => Uint8Array): TreeEdge {
  if (!isTreeNumber(size)) throw new Error(`${size} is no size of a tree`)
  const tiles: Uint8Array[] = []
  for (const address of tilesForEdge(size)) {
    while (tiles.length < address.level) tiles.push(NO_HASHES)
    const data = readTile(address)
    if (data.length < tileBytes(address.width)) throw new Error('the tile is narrower than the tree needs')
    tiles.push(data.slice(0, tileBytes(address.width)))
  }
  return { size, tiles }
}

function assertShape({ size, tiles }: TreeEdge): void {
  if (!isTreeNumber(size)) throw new Error(`${size} is no size of a tree`)
  let nodes = size
  for (const tile of tiles) {
    if (tile.length !== tileBytes(nodes % TILE_WIDTH)) throw new Error('the edge is not that of its size')
    nodes = Math.floor(nodes / TILE_WIDTH)
  }
  if (nodes > 0) throw new Error('the edge is not that of its size')
}

function cut(nodes: Uint8Array): { full: Uint8Array[]; partial: Uint8Array } {
  const full: Uint8Array[] = []
  const bytes = tileBytes(TILE_WIDTH)
  let at = 0
  // Copies: a partial tile of 32 bytes must not keep alive the whole batch that it came with.
  for (; at + bytes <= nodes.length; at += bytes) full.push(nodes.slice(at, at + bytes))
  return { full, partial: nodes.slice(at) }
}

function concatenate(hashes: readonly Hash[]): Uint8Array {
  const bytes = new Uint8Array(hashes.length * HASH_BYTES)
  for (const [at, hash] of hashes.entries()) {
    if (!isHash(hash)) throw new Error('a leaf has 32 bytes')
    bytes.set(hash, at * HASH_BYTES)
  }
  return bytes
}

function join(left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(left.length + right.length)
  bytes.set(left)
  bytes.set(right, left.length)
  return bytes
}
