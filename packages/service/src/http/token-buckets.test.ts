import { expect, test } from 'vitest'

import { createTokenBuckets } from './token-buckets.ts'

const LIMIT = { name: 'reads', requests: 10, perSeconds: 100 }

/** How many of so many requests at one instant are let. */
function lets(
  buckets: ReturnType<typeof createTokenBuckets>,
  client: string,
  at: number,
  count = 50,
): number {
  return Array.from({ length: count }, () => buckets.take(client, at)).filter((wait) => wait === undefined)
    .length
}

test('a client may spend its bucket at once, and then as fast as it fills', () => {
  const buckets = createTokenBuckets(LIMIT)
  expect(lets(buckets, 'a', 0)).toBe(10)
  expect(buckets.take('a', 0)).toBe(10)
  expect(buckets.take('a', 9000)).toBe(1)
  expect(lets(buckets, 'a', 10_000)).toBe(1)
  expect(lets(buckets, 'a', 50_000)).toBe(4)
  expect(lets(buckets, 'a', 10_000_000)).toBe(10)
})

test('many tokens are taken together or not at all, and a full bucket by whoever wants more than it holds', () => {
  const buckets = createTokenBuckets(LIMIT)
  expect(buckets.take('a', 0, 7)).toBeUndefined()
  expect(buckets.take('a', 0, 7)).toBe(40)
  expect(buckets.take('a', 0, 3)).toBeUndefined()
  expect(buckets.take('a', 40_000, 1000)).toBe(60)
  expect(buckets.take('a', 100_000, 1000)).toBeUndefined()
})

test('one client does not spend what another has', () => {
  const buckets = createTokenBuckets(LIMIT)
  expect(lets(buckets, 'a', 0)).toBe(10)
  expect(lets(buckets, 'b', 0)).toBe(10)
})

test('refusals cost nothing: who asks on all the while is let as soon as who waits', () => {
  const buckets = createTokenBuckets(LIMIT)
  expect(lets(buckets, 'a', 0)).toBe(10)
  for (let at = 0; at < 10_000; at += 100) expect(buckets.take('a', at)).toBeDefined()
  expect(buckets.take('a', 10_100)).toBeUndefined()
})

test('a clock that is put back gives nothing', () => {
  const buckets = createTokenBuckets(LIMIT)
  expect(lets(buckets, 'a', 1_000_000)).toBe(10)
  expect(lets(buckets, 'a', 0)).toBe(0)
})

test('of more clients than are remembered the one that was longest away is forgotten', () => {
  const buckets = createTokenBuckets(LIMIT, 2)
  expect([lets(buckets, 'a', 0), lets(buckets, 'b', 0), lets(buckets, 'c', 0)]).toEqual([10, 10, 10])
  expect(lets(buckets, 'b', 0)).toBe(0)
  expect(lets(buckets, 'a', 0)).toBe(10)
})
