import { expect, test } from 'vitest'

import { getTypeParser, parseSafeInteger } from './type-parsers.ts'

test('reads a bigint up to 2^53-1 as a number', () => {
  expect(parseSafeInteger('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER)
  expect(parseSafeInteger('-1')).toBe(-1)
})

test('refuses a bigint that a number cannot hold exactly', () => {
  expect(() => parseSafeInteger('9007199254740992')).toThrow(RangeError)
  expect(() => getTypeParser(1016)('{1,9007199254740993}')).toThrow(RangeError)
})

test('reads bigint arrays with nulls', () => {
  expect(getTypeParser(1016)('{1,NULL,3}')).toEqual([1, null, 3])
})

test('leaves a date as the text PostgreSQL gave', () => {
  expect(getTypeParser(1082)('2026-11-22')).toBe('2026-11-22')
})
