import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { SCRAMBLE_KEY_BYTES, scrambleBlock, unscramble } from './scramble.ts'

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

test('is a bijection of any size: no two sampled positions of a range meet, and each is found again', () => {
  const anySize = fc.oneof(
    fc.integer({ min: 2, max: 2 ** 20 }),
    fc.integer({ min: 2 ** 20, max: 2 ** 32 }),
    fc.integer({ min: 2 ** 32, max: INSTANCES }),
    // Where the walk back into the range is longest: just past a power of four.
    fc.integer({ min: 1, max: 22 }).map((half) => 4 ** half + 1),
  )
  fc.assert(
    fc.property(anyKey, anySize, fc.double({ min: 0, max: 1, noNaN: true }), (key, size, where) => {
      const count = Math.min(200, size)
      const first = Math.floor(where * (size - count))
      const values = scrambleBlock(key, size, first, count)
      expect(new Set(values).size).toBe(count)
      expect(values.every((value) => value >= 0 && value < size)).toBe(true)
      expect(unscramble(key, size, values[count - 1] ?? -1)).toBe(first + count - 1)
    }),
    { numRuns: 200 },
  )
})

test('finds the position of every value of a range again, and of values anywhere in the widest', () => {
  fc.assert(
    fc.property(anyKey, fc.integer({ min: 1, max: 400 }), fc.nat(INSTANCES - 1), (key, size, wide) => {
      const all = scrambleBlock(key, size, 0, size)
      expect(all.map((value) => unscramble(key, size, value))).toEqual(all.map((_, position) => position))
      const [value = -1] = scrambleBlock(key, INSTANCES, wide, 1)
      expect(unscramble(key, INSTANCES, value)).toBe(wide)
    }),
    { numRuns: 30 },
  )
})

describe('cannot be enumerated', () => {
  // Fixed, so that a verdict of chance is the same at every run.
  const key = new Uint8Array(SCRAMBLE_KEY_BYTES).map((_, nth) => nth * 17)
  const SAMPLE = 65_536
  const values = scrambleBlock(key, INSTANCES, 1_000_000, SAMPLE)

  test('whoever knows a code cannot tell the next: steps between neighbours are spread over the whole range', () => {
    const steps = values.slice(1).map((value, i) => (value - (values[i] ?? 0) + INSTANCES) % INSTANCES)
    expect(chiSquared(steps, 256)).toBeLessThan(CHI_SQUARED_255_AT_1E6)
    expect(new Set(steps).size).toBe(steps.length)
  })

  test('outputs are spread evenly, in their high digits and in their low ones', () => {
    expect(chiSquared(values, 256)).toBeLessThan(CHI_SQUARED_255_AT_1E6)
    const low = values.map((value) => ((value % 256) + 0.5) * (INSTANCES / 256))
    expect(chiSquared(low, 256)).toBeLessThan(CHI_SQUARED_255_AT_1E6)
  })

  test('neighbours are not correlated, nor is a value with its position', () => {
    const limit = 5 / Math.sqrt(SAMPLE)
    expect(Math.abs(correlation(values.slice(0, -1), values.slice(1)))).toBeLessThan(limit)
    expect(
      Math.abs(
        correlation(
          values,
          values.map((_, i) => i),
        ),
      ),
    ).toBeLessThan(limit)
  })

  test('a guess near a known code hits one no oftener than a guess anywhere', () => {
    const taken = new Set(values)
    const near = values.flatMap((value) => [value - 2, value - 1, value + 1, value + 2])
    // 65,536 codes in 36^9 places: one hit in 262,144 guesses is expected once in 5,900 runs.
    expect(near.filter((guess) => taken.has(guess))).toHaveLength(0)
  })

  test('another key gives another order altogether', () => {
    const other = scrambleBlock(new Uint8Array(SCRAMBLE_KEY_BYTES).fill(1), INSTANCES, 1_000_000, SAMPLE)
    expect(values.filter((value, i) => value === other[i])).toHaveLength(0)
    expect(Math.abs(correlation(values, other))).toBeLessThan(5 / Math.sqrt(SAMPLE))
  })
})

/** The quantile of chi-squared with 255 degrees of freedom that chance exceeds once in a million. */
const CHI_SQUARED_255_AT_1E6 = 374

function chiSquared(values: readonly number[], buckets: number): number {
  const counts = Array.from({ length: buckets }, () => 0)
  for (const value of values) {
    const bucket = Math.min(buckets - 1, Math.floor((value / INSTANCES) * buckets))
    counts[bucket] = (counts[bucket] ?? 0) + 1
  }
  const expected = values.length / buckets
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [meanA, meanB] = [mean(a), mean(b)]
  const sum = (of: (x: number, y: number) => number) =>
    a.reduce((total, x, i) => total + of(x - meanA, (b[i] ?? 0) - meanB), 0)
  return sum((x, y) => x * y) / Math.sqrt(sum((x) => x * x) * sum((_, y) => y * y))
}

test('refuses positions outside the range', () => {
  const key = new Uint8Array(SCRAMBLE_KEY_BYTES)
  expect(() => scrambleBlock(key, 10, 5, 6)).toThrow(RangeError)
  expect(() => scrambleBlock(key, 0, 0, 0)).toThrow(RangeError)
  expect(() => unscramble(key, 10, 10)).toThrow(RangeError)
})
