import { expect, test } from 'vitest'

import { lifetimeOf, maxAgeSeconds } from './lifetime.ts'

const NOW = 1_790_000_000

test.each([
  [{}, undefined],
  [{ 'cache-control': 'public, max-age=300' }, 300],
  [{ 'cache-control': 'public, MAX-AGE=300, immutable' }, 300],
  [{ 'cache-control': 'public, max-age=300', age: '100' }, 200],
  [{ 'cache-control': 'max-age=300', age: '400' }, 0],
  [{ 'cache-control': 'max-age=300', age: 'long' }, 300],
  [{ 'cache-control': 'no-cache, max-age=300' }, 0],
  [{ 'cache-control': 'no-store' }, 0],
  [{ 'cache-control': 'max-age=-1' }, undefined],
  [{ 'cache-control': 'max-age=1e9' }, undefined],
] as const)('reads %o as %s', (headers, expected) => {
  expect(maxAgeSeconds(headers)).toBe(expected)
})

function secondsOf(life: Parameters<typeof lifetimeOf>[0], cacheControl?: string, isNegative = false) {
  const headers: Record<string, string> = cacheControl === undefined ? {} : { 'cache-control': cacheControl }
  const { freshUntil, usableUntil } = lifetimeOf(life, { headers, isNegative, at: NOW * 1000 })
  return { fresh: freshUntil / 1000 - NOW, usable: usableUntil / 1000 - NOW }
}

test.each([
  ['a statement by max-age', { exp: NOW + 86_400 }, 'max-age=300', { fresh: 300, usable: 86_400 }],
  ['a statement near its end by its life', { exp: NOW + 400 }, 'max-age=300', { fresh: 100, usable: 400 }],
  ['a statement without a word, a minute', { exp: NOW + 86_400 }, undefined, { fresh: 60, usable: 86_400 }],
  ['an expired statement', { exp: NOW - 1 }, 'max-age=300', { fresh: -1, usable: -1 }],
  ['a status by its ttl', { exp: NOW + 3600, ttl: 60 }, 'max-age=300', { fresh: 60, usable: 3600 }],
  ['a status by max-age', { exp: NOW + 3600, ttl: 300 }, 'max-age=10', { fresh: 10, usable: 3600 }],
  ['a status without max-age', { exp: NOW + 3600, ttl: 900 }, undefined, { fresh: 300, usable: 3600 }],
  ['a record for a day', { immutable: true }, 'max-age=3600', { fresh: 86_400, usable: 30 * 86_400 }],
  ['an ephemeral record', { immutable: true, exp: NOW + 60 }, undefined, { fresh: 60, usable: 60 }],
] as const)('keeps %s', (_, life, cacheControl, expected) => {
  expect(secondsOf(life, cacheControl)).toEqual(expected)
})

test('asks for a signed negative each time, and falls back on it while it lives', () => {
  expect(secondsOf({ exp: NOW + 120 }, 'max-age=300', true)).toEqual({ fresh: 0, usable: 120 })
})
