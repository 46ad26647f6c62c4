import fc from 'fast-check'

import {
  createProver,
  EMPTY_EDGE,
  EMPTY_ROOT,
  growTree,
  hashLeaf,
  type Hash,
  type ReadTile,
  type TreeEdge,
} from '../src/index.ts'

const SIZE_MAX = 67_000

export const entryAt = (index: number): Uint8Array => new TextEncoder().encode(`entry ${index}`)
export const leaves: readonly Hash[] = Array.from({ length: SIZE_MAX }, (_, index) =>
  hashLeaf(entryAt(index)),
)
export const leafAt = (index: number): Hash => leaves[index] ?? EMPTY_ROOT

/** A published log: every tile at its widest, as if partial tiles had been deleted. */
const published = new Map(
  growTree(EMPTY_EDGE, leaves).tiles.map((tile) => [`${tile.level}/${tile.index}`, tile.data]),
)
export const readPublished: ReadTile = ({ level, index }) => {
  const data = published.get(`${level}/${index}`)
  if (data === undefined) throw new Error('no such tile')
  return data
}
/** Exactly the tile asked for. */
export const readExactly: ReadTile = (address) => readPublished(address).slice(0, address.width * 32)

/** From tiles; 'growing a tree' holds it against all leaves hashed one by one. */
export const rootAt = (of: number): Hash => createProver(of, readPublished).root()
export const edgeOf = (of: number): TreeEdge => growTree(EMPTY_EDGE, leaves.slice(0, of)).edge

// Sizes near which the shape of a tree changes, and any other.
const interesting = [1, 2, 4, 8, 128, 256, 512, 1024, 65_536].flatMap((power) => [
  power - 1,
  power,
  power + 1,
])
export const treeSize = fc.oneof(
  fc.constantFrom(...interesting.filter((each) => each > 0)),
  fc.integer({ min: 1, max: 2000 }),
  fc.integer({ min: 1, max: SIZE_MAX }),
)
export const leafOfTree = treeSize.chain((of) =>
  fc.record({ size: fc.constant(of), index: fc.nat({ max: of - 1 }) }),
)
export const twoSizes = fc
  .tuple(treeSize, treeSize)
  .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }))
