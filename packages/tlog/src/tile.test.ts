import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  createProver,
  parseTilePath,
  TILE_LEVEL_MAX,
  TILE_WIDTH,
  tilePath,
  tilesForConsistency,
  tilesForEdge,
  tilesForRoot,
  tileWidthAt,
  TREE_SIZE_MAX,
  verifyInclusion,
  type ReadTile,
} from './index.ts'

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
