import fc from 'fast-check'
import { expect, test } from 'vitest'

import { coverOf, nextRange, type SegmentRange } from './segment-plan.ts'

const SIZES = { segmentChanges: 64, deltaChanges: 8 }

/** Makes what is missing, as the keeper does, until nothing is. */
function makeAll(stored: SegmentRange[], size: number): SegmentRange[] {
  const made = [...stored]
  for (;;) {
    const next = nextRange(coverOf(made, SIZES), size, SIZES)
    if (next === undefined) return made
    made.push(next)
  }
}

test.each([
  [0, 0, 0, 0],
  [7, 0, 0, 0],
  [8, 0, 1, 8],
  [63, 0, 7, 56],
  [64, 1, 0, 64],
  [200, 3, 1, 200],
])(
  'of a log of %i changes are made %i segments and %i deltas, which end at %i',
  (size, segments, deltas, last) => {
    const cover = coverOf(makeAll([], size), SIZES)
    expect([cover.segments.length, cover.deltas.length, cover.last]).toEqual([segments, deltas, last])
  },
)

test('however a log grows, the cover has no gap, never shrinks, and lags less than a delta', () => {
  const growths = fc.array(fc.integer({ min: 0, max: 150 }), { maxLength: 20 })
  fc.assert(
    fc.property(growths, (steps) => {
      let size = 0
      let stored: SegmentRange[] = []
      let before = 0
      for (const step of steps) {
        size += step
        stored = makeAll(stored, size)
        const { segments, deltas, last } = coverOf(stored, SIZES)
        const parts = [...segments, ...deltas]
        expect(parts.every(({ first }, nth) => first === (parts[nth - 1]?.last ?? 0) + 1)).toBe(true)
        expect(last).toBeGreaterThanOrEqual(before)
        expect(size - last).toBeLessThan(SIZES.deltaChanges)
        before = last
      }
    }),
  )
})

test('what is stored after a gap is not covered', () => {
  const cover = coverOf(
    [
      { first: 1, last: 64 },
      { first: 73, last: 80 },
      { first: 129, last: 192 },
    ],
    SIZES,
  )
  expect(cover.last).toBe(64)
})
