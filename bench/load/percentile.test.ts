import { describe, expect, test } from 'vitest'

import { createSamples, percentile } from './percentile.ts'

describe('a percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, nth) => nth + 1)

  test.each([
    [0, 1],
    [0.5, 50],
    [0.99, 99],
    [0.991, 100],
    [1, 100],
  ])('of %d of 1 to 100 is %d', (part, expected) => {
    expect(percentile(hundred, part)).toBe(expected)
  })

  test('of one value is that value', () => {
    expect(percentile([7], 0.5)).toBe(7)
    expect(percentile([7], 0.99)).toBe(7)
  })

  test('of nothing is refused', () => {
    expect(() => percentile([], 0.5)).toThrow(RangeError)
  })
})

describe('samples', () => {
  test('keep every value, however many, and sort them as numbers', () => {
    const samples = createSamples()
    for (let value = 10_000; value > 0; value--) samples.add(value)
    const sorted = samples.sorted()
    expect(sorted).toHaveLength(10_000)
    expect([sorted[0], sorted[1], sorted.at(-1)]).toEqual([1, 2, 10_000])
  })

  test('may be sorted and then grow', () => {
    const samples = createSamples()
    samples.add(2)
    expect([...samples.sorted()]).toEqual([2])
    samples.add(1)
    expect([...samples.sorted()]).toEqual([1, 2])
  })
})
