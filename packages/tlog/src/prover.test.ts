import fc from 'fast-check'
import { expect, test } from 'vitest'

import { leafOfTree, readExactly, readPublished, rootAt, treeSize, twoSizes } from '../tests/published-log.ts'
import {
  consistencyProof,
  createRowsProver,
  inclusionProof,
  rowsOf,
  tilePath,
  tilesForRoot,
  tilesOverLeaf,
  type TileRows,
} from './index.ts'

test('rows of tiles of a later, larger tree make the proofs of every earlier one', () => {
  const kept = new Map<string, TileRows>()
  const readRows = ({ level, index }: { level: number; index: number }): TileRows => {
    const key = `${level}/${index}`
    const rows = kept.get(key) ?? rowsOf(readPublished({ level, index, width: 1 }))
    kept.set(key, rows)
    return rows
  }
  fc.assert(
    fc.property(leafOfTree, twoSizes, ({ size, index }, { from, to }) => {
      const prover = createRowsProver(size, readRows)
      expect(prover.root()).toEqual(rootAt(size))
      expect(prover.inclusion(index)).toEqual(inclusionProof(index, size, readPublished))
      expect(createRowsProver(to, readRows).consistency(from)).toEqual(
        consistencyProof(from, to, readPublished),
      )
    }),
    { numRuns: 150 },
  )
})

test('the tiles over a leaf and those of the root are all that its proof reads', () => {
  fc.assert(
    fc.property(leafOfTree, ({ size, index }) => {
      const given = new Set([...tilesOverLeaf(index, size), ...tilesForRoot(size)].map(tilePath))
      const prover = createRowsProver(size, (address) => {
        expect(given).toContain(tilePath(address))
        return rowsOf(readExactly(address))
      })
      expect(prover.inclusion(index)).toHaveLength(inclusionProof(index, size, readPublished).length)
    }),
    { numRuns: 150 },
  )
})

test('proofs of one tree do not depend on what was asked of it before', () => {
  fc.assert(
    fc.property(treeSize, fc.array(fc.nat(), { minLength: 2, maxLength: 8 }), (size, asked) => {
      const prover = createRowsProver(size, (address) => rowsOf(readPublished(address)))
      for (const index of asked.map((each) => each % size)) {
        expect(prover.inclusion(index)).toEqual(inclusionProof(index, size, readPublished))
      }
    }),
    { numRuns: 30 },
  )
})

test('rows that are too narrow, or of no tile, make no proof', () => {
  expect(() => createRowsProver(300, () => rowsOf(new Uint8Array(32))).inclusion(3)).toThrow('narrower')
  expect(() => createRowsProver(300, () => []).inclusion(299)).toThrow('narrower')
  expect(() => createRowsProver(300, () => []).inclusion(300)).toThrow('no leaf 300')
  expect(() => tilesOverLeaf(-1, 300)).toThrow('no leaf -1')
})
