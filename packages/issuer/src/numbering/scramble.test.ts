import fc from 'fast-check'
import { expect, test } from 'vitest'

import { SCRAMBLE_KEY_BYTES, scrambleBlock } from './scramble.ts'

const anyKey = fc.uint8Array({ minLength: SCRAMBLE_KEY_BYTES, maxLength: SCRAMBLE_KEY_BYTES })
const INSTANCES = 36 ** 9 - 1

test('gives every number of the range exactly once', () => {
  fc.assert(
    fc.property(anyKey, fc.integer({ min: 1, max: 3000 }), (key, size) => {
      const all = scrambleBlock(key, size, 0, size)
      expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, i) => i))
    }),
    { numRuns: 40 },
  )
})

test('gives the same number for a position whatever block it is leased in', () => {
  fc.assert(
    fc.property(anyKey, fc.integer({ min: 0, max: 900 }), (key, position) => {
      const whole = scrambleBlock(key, INSTANCES, 0, 1000)
      expect(scrambleBlock(key, INSTANCES, position, 100)).toEqual(whole.slice(position, position + 100))
    }),
    { numRuns: 20 },
  )
})

test('never leaves the range nor repeats among 200,000 numbers of the widest level', () => {
  const key = new Uint8Array(SCRAMBLE_KEY_BYTES).fill(7)
  const seen = new Set<number>()
  for (let position = 0; position < 200_000; position += 10_000) {
    for (const value of scrambleBlock(key, INSTANCES, position, 10_000)) {
      if (value < 0 || value >= INSTANCES || !Number.isSafeInteger(value))
        throw new Error(`${value} is outside`)
      seen.add(value)
    }
  }
  expect(seen.size).toBe(200_000)
})

test('does not show the order of positions: neighbours land far apart', () => {
  const key = new Uint8Array(SCRAMBLE_KEY_BYTES).fill(9)
  const values = scrambleBlock(key, INSTANCES, 0, 1000)
  const rising = values.filter((value, i) => value > (values[i - 1] ?? 0)).length
  expect(rising).toBeGreaterThan(400)
  expect(rising).toBeLessThan(600)
})

test('refuses positions outside the range', () => {
  const key = new Uint8Array(SCRAMBLE_KEY_BYTES)
  expect(() => scrambleBlock(key, 10, 5, 6)).toThrow(RangeError)
  expect(() => scrambleBlock(key, 0, 0, 0)).toThrow(RangeError)
})
