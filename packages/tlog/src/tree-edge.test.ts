import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { leaves, leafAt, readPublished, readExactly, edgeOf, treeSize } from '../tests/published-log.ts'
import {
  createProver,
  EMPTY_EDGE,
  EMPTY_ROOT,
  growTree,
  readTreeEdge,
  rootOf,
  TREE_SIZE_MAX,
  treeRoot,
} from './index.ts'

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
      fc.property(treeSize, (of) => {
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
