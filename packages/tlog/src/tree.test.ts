import { verifyMerkleInclusion } from '@sigstore/verify/dist/tlog/merkle.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  consistencyProof,
  createProver,
  EMPTY_EDGE,
  EMPTY_ROOT,
  growTree,
  hashLeaf,
  hashNode,
  inclusionProof,
  parseTilePath,
  readTreeEdge,
  rootOf,
  TILE_LEVEL_MAX,
  TILE_WIDTH,
  tilePath,
  tilesForConsistency,
  tilesForEdge,
  tilesForInclusion,
  tilesForRoot,
  tileWidthAt,
  TREE_SIZE_MAX,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
  type Hash,
  type ReadTile,
  type TreeEdge,
} from './index.ts'
import { sha256 as browserSha256, sha256Into as browserSha256Into } from './sha256.browser.ts'
import { sha256 as nodeSha256, sha256Into as nodeSha256Into } from './sha256.node.ts'

const SIZE_MAX = 67_000
const entryAt = (index: number): Uint8Array => new TextEncoder().encode(`entry ${index}`)
const leaves: readonly Hash[] = Array.from({ length: SIZE_MAX }, (_, index) => hashLeaf(entryAt(index)))
const leafAt = (index: number): Hash => leaves[index] ?? EMPTY_ROOT

/** A published log: every tile at its widest, as if partial tiles had been deleted. */
const published = new Map(
  growTree(EMPTY_EDGE, leaves).tiles.map((tile) => [`${tile.level}/${tile.index}`, tile.data]),
)
const readPublished: ReadTile = ({ level, index }) => {
  const data = published.get(`${level}/${index}`)
  if (data === undefined) throw new Error('no such tile')
  return data
}
/** Exactly the tile asked for. */
const readExactly: ReadTile = (address) => readPublished(address).slice(0, address.width * 32)

/** From tiles; 'growing a tree' holds it against all leaves hashed one by one. */
const rootAt = (of: number): Hash => createProver(of, readPublished).root()

const edgeOf = (size: number): TreeEdge => growTree(EMPTY_EDGE, leaves.slice(0, size)).edge

// Sizes near which the shape of a tree changes, and any other.
const interesting = [1, 2, 4, 8, 128, 256, 512, 1024, 65_536].flatMap((power) => [
  power - 1,
  power,
  power + 1,
])
const size = fc.oneof(
  fc.constantFrom(...interesting.filter((each) => each > 0)),
  fc.integer({ min: 1, max: 2000 }),
  fc.integer({ min: 1, max: SIZE_MAX }),
)
const leafOfTree = size.chain((of) => fc.record({ size: fc.constant(of), index: fc.nat({ max: of - 1 }) }))
const twoSizes = fc.tuple(size, size).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }))

describe('growing a tree', () => {
  test('in chunks of any size gives the tree of all leaves at once, and its tiles', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 700 }), { maxLength: 12 }), (chunks) => {
        let edge = EMPTY_EDGE
        const tiles = new Map<string, Uint8Array>()
        for (const chunk of chunks) {
          const grown = growTree(edge, leaves.slice(edge.size, edge.size + chunk))
          for (const tile of grown.tiles) tiles.set(`${tile.level}/${tile.index}`, tile.data)
          expect(grown.root).toEqual(treeRoot(leaves.slice(0, grown.edge.size)))
          edge = grown.edge
        }
        expect(edge).toEqual(edgeOf(edge.size))
        const atOnce = growTree(EMPTY_EDGE, leaves.slice(0, edge.size)).tiles
        expect(tiles).toEqual(new Map(atOnce.map((tile) => [`${tile.level}/${tile.index}`, tile.data])))
      }),
      { numRuns: 40 },
    )
  })

  test('goes on from the published tiles alone', () => {
    fc.assert(
      fc.property(size, (of) => {
        const edge = readTreeEdge(of, readPublished)
        expect(edge).toEqual(edgeOf(of))
        expect(rootOf(edge)).toEqual(createProver(of, readExactly).root())
        expect(rootOf(edge)).toEqual(treeRoot(leaves.slice(0, of)))
      }),
      { numRuns: 40 },
    )
  })

  test('never changes the edge it started from, nor a tile it gave', () => {
    const edge = edgeOf(300)
    const before = structuredClone(edge)
    const first = growTree(edge, leaves.slice(300, 310))
    const given = structuredClone(first.tiles)
    growTree(first.edge, leaves.slice(310, 700))
    expect(edge).toEqual(before)
    expect(first.tiles).toEqual(given)
  })

  test('by nothing changes nothing', () => {
    expect(growTree(edgeOf(513), [])).toEqual({
      edge: edgeOf(513),
      root: treeRoot(leaves.slice(0, 513)),
      tiles: [],
    })
    expect(growTree(EMPTY_EDGE, []).root).toEqual(EMPTY_ROOT)
  })

  test('refuses an edge of another size, a leaf that is no hash, and a tree too large to count', () => {
    const { tiles } = edgeOf(300)
    expect(() => rootOf({ size: 301, tiles })).toThrow('not that of its size')
    expect(() => rootOf({ size: 300, tiles: tiles.slice(1) })).toThrow('not that of its size')
    expect(() => rootOf({ size: 300, tiles: [...tiles, new Uint8Array(32)] })).toThrow('not that of its size')
    expect(() => growTree({ size: 299, tiles }, [leafAt(0)])).toThrow('not that of its size')
    expect(() => growTree(EMPTY_EDGE, [new Uint8Array(31)])).toThrow('32 bytes')
    expect(() => growTree({ size: TREE_SIZE_MAX, tiles: [] }, [leafAt(0)])).toThrow('2^53 - 1')
  })
})

describe('inclusion proofs', () => {
  test('of every leaf verify, from tiles just wide enough and from wider ones', () => {
    fc.assert(
      fc.property(leafOfTree, ({ size: of, index }) => {
        const asked = new Set(tilesForInclusion(index, of).map(tilePath))
        const proof = inclusionProof(index, of, (address) => {
          expect(asked).toContain(tilePath(address))
          return readExactly(address)
        })
        expect(inclusionProof(index, of, readPublished)).toEqual(proof)
        const root = rootAt(of)
        expect(verifyInclusion({ leaf: leafAt(index), index, size: of, root, proof })).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  test('of every leaf of every small tree verify, and of no other place', () => {
    for (let of = 1; of <= 40; of += 1) {
      const prover = createProver(of, readPublished)
      const root = prover.root()
      for (let index = 0; index < of; index += 1) {
        const proof = prover.inclusion(index)
        for (let place = 0; place <= of; place += 1) {
          const claim = { leaf: leafAt(index), index: place, size: of, root, proof }
          expect(verifyInclusion(claim)).toBe(place === index)
        }
      }
    }
  })

  test('do not verify with any byte changed', () => {
    fc.assert(
      fc.property(
        leafOfTree,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        ({ size: of, index }, at, change) => {
          const root = rootAt(of)
          const parts = [leafAt(index), root, ...inclusionProof(index, of, readPublished)].map((part) =>
            part.slice(),
          )
          const part = parts[at % parts.length] ?? root
          part[at % 32] = (part[at % 32] ?? 0) ^ change
          const [leaf = root, changedRoot = root, ...proof] = parts
          expect(verifyInclusion({ leaf, index, size: of, root: changedRoot, proof })).toBe(false)
        },
      ),
      { numRuns: 150 },
    )
  })

  test('answer false, and throw nothing, for numbers that are none', () => {
    const claim = { leaf: leafAt(0), index: 0, size: 1, root: leafAt(0), proof: [] }
    expect(verifyInclusion(claim)).toBe(true)
    for (const wrong of [-1, 0.5, Number.NaN, Infinity, 2 ** 53, 1]) {
      expect(verifyInclusion({ ...claim, index: wrong })).toBe(false)
    }
    for (const wrong of [-1, 0, 0.5, Number.NaN, Infinity, 2 ** 53]) {
      expect(verifyInclusion({ ...claim, size: wrong })).toBe(false)
    }
    expect(verifyInclusion({ ...claim, leaf: new Uint8Array(31) })).toBe(false)
    expect(verifyInclusion({ ...claim, proof: [new Uint8Array(33)] })).toBe(false)
  })

  test('of a narrower tile than the tree needs cannot be made', () => {
    expect(() => inclusionProof(3, 300, () => new Uint8Array(32))).toThrow('narrower')
    expect(() => inclusionProof(300, 300, readPublished)).toThrow('no leaf 300')
  })

  test('verify in @sigstore/verify, and fail there with the next index', () => {
    fc.assert(
      fc.property(leafOfTree, ({ size: of, index }) => {
        const hashes = inclusionProof(index, of, readPublished).map((hash) => Buffer.from(hash))
        const checkpoint = { logSize: BigInt(of), logHash: Buffer.from(rootAt(of)) }
        const verifyThere = (logIndex: number) => {
          const entry = {
            canonicalizedBody: Buffer.from(entryAt(index)),
            inclusionProof: { logIndex: `${logIndex}`, hashes },
          }
          // Of its two arguments it reads no more than these members.
          verifyMerkleInclusion(entry as never, checkpoint as never)
        }
        expect(() => verifyThere(index)).not.toThrow()
        expect(() => verifyThere(index + 1)).toThrow(/invalid index|invalid hash count|does not match/)
      }),
      { numRuns: 60 },
    )
  })
})

describe('consistency proofs', () => {
  const claimOf = (from: number, to: number, proof: Hash[]) => ({
    fromSize: from,
    fromRoot: rootAt(from),
    toSize: to,
    toRoot: rootAt(to),
    proof,
  })

  test('between any two sizes verify, from tiles just wide enough and from wider ones', () => {
    fc.assert(
      fc.property(twoSizes, ({ from, to }) => {
        const asked = new Set(tilesForConsistency(from, to).map(tilePath))
        const proof = consistencyProof(from, to, (address) => {
          expect(asked).toContain(tilePath(address))
          return readExactly(address)
        })
        expect(consistencyProof(from, to, readPublished)).toEqual(proof)
        expect(verifyConsistency(claimOf(from, to, proof))).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  test('between all small sizes verify, and between no other two', () => {
    const roots = Array.from({ length: 36 }, (_, of) => treeRoot(leaves.slice(0, of)))
    for (let to = 1; to < roots.length; to += 1) {
      const prover = createProver(to, readPublished)
      for (let from = 1; from < to; from += 1) {
        const proof = prover.consistency(from)
        for (let other = 1; other < to; other += 1) {
          const claim = { ...claimOf(from, to, proof), fromSize: other, fromRoot: roots[other] ?? EMPTY_ROOT }
          expect(verifyConsistency(claim)).toBe(other === from)
        }
      }
    }
  })

  test('do not verify with any byte changed', () => {
    fc.assert(
      fc.property(twoSizes, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ from, to }, at, change) => {
        const claim = claimOf(from, to, consistencyProof(from, to, readPublished))
        const parts = [claim.fromRoot, claim.toRoot, ...claim.proof].map((part) => part.slice())
        const part = parts[at % parts.length] ?? EMPTY_ROOT
        part[at % 32] = (part[at % 32] ?? 0) ^ change
        const [fromRoot = part, toRoot = part, ...proof] = parts
        expect(verifyConsistency({ ...claim, fromRoot, toRoot, proof })).toBe(false)
      }),
      { numRuns: 60 },
    )
  })

  test('answer false, and throw nothing, for numbers that are none', () => {
    const claim = claimOf(1, 2, [leafAt(1)])
    expect(verifyConsistency(claim)).toBe(true)
    for (const wrong of [-1, 0.5, Number.NaN, Infinity, 2 ** 53, 3]) {
      expect(verifyConsistency({ ...claim, fromSize: wrong })).toBe(false)
    }
    for (const wrong of [-1, 0, 0.5, Number.NaN, Infinity, 2 ** 53]) {
      expect(verifyConsistency({ ...claim, toSize: wrong })).toBe(false)
    }
    expect(() => consistencyProof(3, 2, readPublished)).toThrow('did not grow')
  })
})

describe('tile addresses', () => {
  test('go round: written, read, written', () => {
    const address = fc.record({
      level: fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: TILE_LEVEL_MAX })),
      index: fc.oneof(fc.nat({ max: 30 }), fc.nat({ max: 2_000_000 }), fc.maxSafeNat()),
      width: fc.integer({ min: 1, max: TILE_WIDTH }),
    })
    fc.assert(
      fc.property(address, (each) => {
        const top = Math.floor(TREE_SIZE_MAX / TILE_WIDTH ** (each.level === 'entries' ? 0 : each.level))
        const index = Math.min(each.index, Math.max(0, Math.floor(top / TILE_WIDTH) - 1))
        const given = { ...each, index, width: Math.min(each.width, top) }
        expect(parseTilePath(tilePath(given))).toEqual(given)
      }),
    )
  })

  test('of no tree are not written', () => {
    for (const [level, index, width] of [
      [-1, 0, 1],
      [7, 0, 1],
      [0.5, 0, 1],
      [0, -1, 1],
      [0, 0, 0],
      [0, 0, 257],
      [0, 2 ** 45, 1],
      [6, 0, 32],
    ] as const) {
      expect(() => tilePath({ level, index, width })).toThrow('no tree has a tile')
    }
  })

  test('of the edge of a tree of 70000 are those of the specification', () => {
    // tlog-tiles, Partial Tiles: "one partial level 0 tile of width 112, … level 1 … 17, … level 2 … 1".
    expect(tilesForEdge(70_000).map(tilePath)).toEqual([
      'tile/0/273.p/112',
      'tile/1/001.p/17',
      'tile/2/000.p/1',
    ])
    expect(tilesForRoot(70_000).map(tilePath)).toEqual([
      'tile/0/273.p/112',
      'tile/1/001.p/17',
      'tile/2/000.p/1',
    ])
    expect(tilesForEdge(256).map(tilePath)).toEqual(['tile/1/000.p/1'])
    expect(tilesForEdge(0)).toEqual([])
    expect([0, 272, 273, 274].map((index) => tileWidthAt(0, index, 70_000))).toEqual([256, 256, 112, 0])
  })

  test('and proofs reach the largest tree', () => {
    const zeros: ReadTile = ({ width }) => new Uint8Array(width * 32)
    const index = TREE_SIZE_MAX - 1
    const prover = createProver(TREE_SIZE_MAX, zeros)
    const claim = { leaf: new Uint8Array(32), index, size: TREE_SIZE_MAX, root: prover.root() }
    // Tiles of zeros are no tree, but the last leaf's path has one hash a bit of the size but its own.
    expect(prover.inclusion(index)).toHaveLength(52)
    expect(verifyInclusion({ ...claim, proof: prover.inclusion(index) })).toBe(true)
    expect(tilesForConsistency(2 ** 52, TREE_SIZE_MAX).every((tile) => tile.level <= TILE_LEVEL_MAX)).toBe(
      true,
    )
  })
})

describe('SHA-256', () => {
  test('is the same in browsers', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat({ max: 8 }), (message, offset) => {
        expect(browserSha256(message)).toEqual(nodeSha256(message))
        const [ours, theirs] = [new Uint8Array(40), new Uint8Array(40)]
        nodeSha256Into(message, ours, offset)
        browserSha256Into(message, theirs, offset)
        expect(ours).toEqual(theirs)
      }),
    )
  })

  test('of a leaf is never that of a node', () => {
    expect(hashLeaf(new Uint8Array(64))).not.toEqual(hashNode(new Uint8Array(32), new Uint8Array(32)))
    expect(() => hashNode(new Uint8Array(31), new Uint8Array(33))).toThrow('32 bytes')
  })
})
