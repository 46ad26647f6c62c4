import { STATUS } from '@arc3088/records'
import { expect, test } from 'vitest'

import { judgeLife, STATUS_OF_LIFE, type LifeStanding } from './life.ts'

const STANDINGS = {
  active: { life: 'active', lockedBy: null },
  'locked by its requester': { life: 'locked', lockedBy: 'requester' },
  'locked by the desk': { life: 'locked', lockedBy: 'desk' },
  retired: { life: 'retired', lockedBy: null },
} as const satisfies Record<string, LifeStanding>

function nameOf(standing: LifeStanding): string | undefined {
  const found = Object.entries(STANDINGS).find(
    ([, { life, lockedBy }]) => life === standing.life && lockedBy === standing.lockedBy,
  )
  return found?.[0]
}

test.each([
  ['lock', 'requester', 'active', 'locked by its requester'],
  ['lock', 'requester', 'locked by its requester', 'unchanged'],
  ['lock', 'requester', 'locked by the desk', 'unchanged'],
  ['lock', 'requester', 'retired', 'code-state'],
  ['lock', 'desk', 'active', 'locked by the desk'],
  ['lock', 'desk', 'locked by its requester', 'locked by the desk'],
  ['lock', 'desk', 'locked by the desk', 'unchanged'],
  ['lock', 'desk', 'retired', 'code-state'],
  ['unlock', 'requester', 'active', 'unchanged'],
  ['unlock', 'requester', 'locked by its requester', 'active'],
  ['unlock', 'requester', 'locked by the desk', 'forbidden'],
  ['unlock', 'requester', 'retired', 'code-state'],
  ['unlock', 'desk', 'active', 'unchanged'],
  ['unlock', 'desk', 'locked by its requester', 'active'],
  ['unlock', 'desk', 'locked by the desk', 'active'],
  ['unlock', 'desk', 'retired', 'code-state'],
  ['retire', 'requester', 'active', 'retired'],
  ['retire', 'requester', 'locked by its requester', 'retired'],
  ['retire', 'requester', 'locked by the desk', 'retired'],
  ['retire', 'requester', 'retired', 'unchanged'],
  ['retire', 'desk', 'active', 'retired'],
  ['retire', 'desk', 'locked by its requester', 'retired'],
  ['retire', 'desk', 'locked by the desk', 'retired'],
  ['retire', 'desk', 'retired', 'unchanged'],
] as const)('%s by %s of a code that is %s: %s', (act, by, now, expected) => {
  const move = judgeLife(act, STANDINGS[now], by)
  const seen = move.kind === 'refuse' ? move.because : move.kind === 'moved' ? nameOf(move.to) : move.kind
  expect(seen).toBe(expected)
})

test('says a life in the words of the status list', () => {
  expect(STATUS_OF_LIFE).toEqual({ active: STATUS.valid, locked: STATUS.suspended, retired: STATUS.retired })
})
