import { STATUS } from '@arc3088/records'
import { expect, test } from 'vitest'

import { judgeLife, STATUS_OF_LIFE } from './life.ts'

test.each([
  ['lock', 'active', 'locked'],
  ['lock', 'locked', 'unchanged'],
  ['lock', 'retired', 'code-state'],
  ['unlock', 'active', 'unchanged'],
  ['unlock', 'locked', 'active'],
  ['unlock', 'retired', 'code-state'],
  ['retire', 'active', 'retired'],
  ['retire', 'locked', 'retired'],
  ['retire', 'retired', 'unchanged'],
] as const)('%s of a code that is %s: %s', (act, life, expected) => {
  const move = judgeLife(act, life)
  const seen = { moved: 'to' in move ? move.to : '', unchanged: 'unchanged', refuse: 'code-state' }[move.kind]
  expect(seen).toBe(expected)
})

test('says a life in the words of the status list', () => {
  expect(STATUS_OF_LIFE).toEqual({ active: STATUS.valid, locked: STATUS.suspended, retired: STATUS.retired })
})
