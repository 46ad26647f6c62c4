import { expect, test } from 'vitest'

import { createClock } from './clock.ts'

test('stands still until told to move', () => {
  const clock = createClock('2027-01-01T00:00:00Z')
  expect(clock.now()).toEqual(clock.now())
  clock.advanceSeconds(1.5)
  expect(clock.now().toISOString()).toBe('2027-01-01T00:00:01.500Z')
  clock.set('2030-01-01T00:00:00Z')
  expect(clock.now().getUTCFullYear()).toBe(2030)
})

test('hands out dates that do not move the clock when changed', () => {
  const clock = createClock('2027-01-01T00:00:00Z')
  clock.now().setUTCFullYear(1999)
  expect(clock.now().getUTCFullYear()).toBe(2027)
})

test('refuses what is not a time', () => {
  expect(() => createClock('tomorrow')).toThrow(RangeError)
})
