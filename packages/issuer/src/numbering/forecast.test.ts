import { expect, test } from 'vitest'

import { forecastRange } from './forecast.ts'
import type { RangeUse } from './numbering.store.ts'

const now = new Date('2026-11-22T00:00:00Z')
const daysBefore = (days: number) => new Date(now.getTime() - days * 86_400_000)
const use = (change: Partial<RangeUse>): RangeUse => ({
  id: 'r',
  level: 'instance',
  name: 'general',
  kind: 'scrambled',
  first: 1,
  last: 10_000,
  leased: 7000,
  leasedSince: 700,
  firstLeaseAt: daysBefore(7),
  ...change,
})

test('ends when what is left is used up at the pace of the last days', () => {
  expect(forecastRange(use({}), now)).toEqual({
    size: 10_000,
    leased: 7000,
    left: 3000,
    leasedPerDay: 100,
    exhaustedAt: new Date('2026-12-22T00:00:00Z'),
  })
})

test('takes the pace of a range that was first used lately over the days there were', () => {
  expect(forecastRange(use({ firstLeaseAt: daysBefore(2), leasedSince: 1000 }), now)).toMatchObject({
    leasedPerDay: 500,
    exhaustedAt: new Date('2026-11-28T00:00:00Z'),
  })
})

test('takes one burst for an hour of work, not for the pace of a year', () => {
  const burst = use({ firstLeaseAt: new Date(now.getTime() - 10), leasedSince: 48 })
  expect(forecastRange(burst, now).leasedPerDay).toBe(48 * 24)
})

test.each([
  ['nothing was leased lately', use({ leasedSince: 0, firstLeaseAt: null })],
  ['it will last for more than a thousand years', use({ last: 36 ** 9 })],
  ['it is used up', use({ leased: 10_000 })],
  ['it is closed', use({ closed: true })],
])('has no date where %s', (_, given) => {
  expect(forecastRange(given, now).exhaustedAt).toBeNull()
})

test('says of a range whose numbers are chosen only how large it is', () => {
  expect(forecastRange(use({ kind: 'chosen' }), now)).toEqual({ size: 10_000 })
})
