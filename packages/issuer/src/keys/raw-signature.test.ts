import { generateKeyPairSync, sign, verify } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import { rawSignature } from './raw-signature.ts'

/** DER of two integers as they stand. */
const der = (r: readonly number[], s: readonly number[]): Uint8Array =>
  Uint8Array.from([0x30, r.length + s.length + 4, 2, r.length, ...r, 2, s.length, ...s])
const halves = (raw: Uint8Array): number[][] => [[...raw.subarray(0, 32)], [...raw.subarray(32)]]
const padded = (...digits: number[]): number[] => [
  ...Array.from({ length: 32 - digits.length }, () => 0),
  ...digits,
]

describe('the raw form of a signature', () => {
  test('is the one that verifies, whatever the lengths of its integers', () => {
    const { privateKey, publicKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const lengths = new Set<number>()
    for (let nth = 0; nth < 600; nth++) {
      const text = Buffer.from(`text ${nth}`)
      const signature = sign('sha256', text, privateKey)
      lengths.add(signature.length)
      const raw = rawSignature(signature)
      expect(raw).toHaveLength(64)
      expect(verify('sha256', text, { key, dsaEncoding: 'ieee-p1363' }, raw)).toBe(true)
    }
    expect(lengths.size).toBeGreaterThan(2)
  })

  test('has short integers at the end of their halves, and no byte that only tells the sign', () => {
    expect(halves(rawSignature(der([7], [0, 0x80])))).toEqual([padded(7), padded(0x80)])
    const full = Array.from({ length: 32 }, () => 0xff)
    expect(halves(rawSignature(der([0, ...full], [1, 2])))).toEqual([full, padded(1, 2)])
  })
})

test.each([
  ['nothing', []],
  ['another type', [0x31, 6, 2, 1, 1, 2, 1, 1]],
  ['a wrong length', [0x30, 7, 2, 1, 1, 2, 1, 1]],
  ['one integer', [0x30, 3, 2, 1, 1]],
  ['an integer without digits', [0x30, 5, 2, 0, 2, 1, 1]],
  ['an integer that goes on past the end', [0x30, 6, 2, 1, 1, 2, 9, 1]],
  ['a third integer', [0x30, 9, 2, 1, 1, 2, 1, 1, 2, 1, 1]],
  ['an integer of another curve', [...der([1, ...Array.from({ length: 32 }, () => 1)], [1])]],
])('%s is no signature', (_, bytes) => {
  expect(() => rawSignature(Uint8Array.from(bytes))).toThrow(TypeError)
})
