import { expect, test } from 'vitest'

import type { SignedEvent } from './agreement-fork.ts'
import { findEventForks } from './agreement-fork.ts'

const signed = (iss: string, seq: number, hash: string, agreement = 'urn:uuid:1'): SignedEvent => ({
  claims: {
    iss,
    iat: 1,
    jti: '01a1d2b4-6c00-7000-8000-000000000000',
    agreement,
    agreement_hash: 'A'.repeat(43),
    towards: 'all',
    seq,
    prev: null,
    event: 'suspend',
    reason: 'x',
    effective: 1,
  },
  jws: hash,
  hash,
})

test('finds for each party the first place at which it told two things', () => {
  const known = [signed('a', 1, 'a1'), signed('a', 2, 'a2'), signed('a', 3, 'a3'), signed('b', 1, 'b1')]
  const told = [signed('a', 3, 'x3'), signed('a', 2, 'x2'), signed('a', 1, 'a1'), signed('b', 1, 'b1')]
  expect(findEventForks(known, told)).toEqual([{ entityId: 'a', seq: 2, known: known[1], other: told[1] }])
})

test('takes what is known to one alone, or is about another agreement, for no contradiction', () => {
  expect(findEventForks([signed('a', 1, 'a1')], [signed('a', 2, 'a2'), signed('b', 1, 'b1')])).toEqual([])
  expect(findEventForks([signed('a', 1, 'a1')], [signed('a', 1, 'x1', 'urn:uuid:2')])).toEqual([])
})
