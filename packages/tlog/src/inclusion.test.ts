import { verifyMerkleInclusion } from '@sigstore/verify/dist/tlog/merkle.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { entryAt, leafAt, readPublished, readExactly, rootAt, leafOfTree } from '../tests/published-log.ts'
import { createProver, inclusionProof, tilePath, tilesForInclusion, verifyInclusion } from './index.ts'

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
