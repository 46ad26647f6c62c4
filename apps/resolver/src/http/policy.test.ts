import { expect, test } from 'vitest'

import { PolicyParameter } from './policy.ts'

test.each([
  ['list-max-age=0', 0],
  ['list-max-age=120', 120],
  ['list-max-age=3600', 3600],
])('reads %s', (text, listMaxAgeSeconds) => {
  expect(PolicyParameter.parse(text)).toEqual({ listMaxAgeSeconds })
})

test.each([
  '',
  'list-max-age',
  'list-max-age=',
  'list-max-age=3601',
  'list-max-age=-1',
  'list-max-age=1e2',
  'x=1',
])('refuses %j', (text) => {
  expect(PolicyParameter.safeParse(text).success).toBe(false)
})
