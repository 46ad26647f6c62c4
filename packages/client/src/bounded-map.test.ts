import { expect, test } from 'vitest'

import { createBoundedMap } from './bounded-map.ts'

test('forgets what was used longest ago once it weighs too much', () => {
  const map = createBoundedMap<string>(6, (_, value) => value.length)
  map.set('a', 'aa')
  map.set('b', 'bb')
  map.set('c', 'cc')
  expect(map.get('a')).toBe('aa')
  map.set('d', 'dd')
  expect(map.get('b')).toBeUndefined()
  expect([map.get('a'), map.get('c'), map.get('d')]).toEqual(['aa', 'cc', 'dd'])
})

test('weighs a replaced value once, and never holds one heavier than the bound', () => {
  const map = createBoundedMap<string>(6, (_, value) => value.length)
  for (let i = 0; i < 10; i += 1) map.set('a', 'aaaa')
  map.set('b', 'bb')
  expect(map.get('a')).toBe('aaaa')
  map.set('a', 'a'.repeat(7))
  expect([map.get('a'), map.get('b')]).toEqual([undefined, 'bb'])
})
