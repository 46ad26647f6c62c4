import { expect, test } from 'vitest'

import { filledNumber } from './fill.ts'

test('filled numbers are spread, differ, and stay where the plan gives none by itself', () => {
  const numbers = Array.from({ length: 100_000 }, (_, nth) => filledNumber(nth))
  expect(new Set(numbers).size).toBe(numbers.length)
  expect(Math.min(...numbers.slice(0, 1000))).toBeGreaterThan(0)
  expect(numbers.every((number) => number > 0 && number < 36 ** 6)).toBe(true)
  expect(numbers.slice(0, 10).toSorted((a, b) => a - b)).not.toEqual(numbers.slice(0, 10))
})
