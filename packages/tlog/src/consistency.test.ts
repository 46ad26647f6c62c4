import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { leaves, leafAt, readPublished, readExactly, rootAt, twoSizes } from '../tests/published-log.ts'
import {
  consistencyProof,
  createProver,
  EMPTY_ROOT,
  tilePath,
  tilesForConsistency,
  treeRoot,
  verifyConsistency,
  type Hash,
} from './index.ts'

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
