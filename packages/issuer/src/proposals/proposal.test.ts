import { expect, test } from 'vitest'

import { judgeVote, type Proposal } from './proposal.ts'

const proposal: Proposal = {
  id: 'p',
  kind: 'provider.assign',
  payload: { code: '1' },
  hash: 'sha-256:aa',
  proposer: 'ann',
  proposedAt: new Date('2026-11-22T00:00:00Z'),
  expiresAt: new Date('2026-11-29T00:00:00Z'),
  state: 'pending',
}
const before = new Date('2026-11-28T23:59:59Z')
const after = new Date('2026-11-29T00:00:00Z')

test.each([
  ['another officer, the same hash, in time', proposal, 'bo', 'sha-256:aa', before, 'counts'],
  ['the proposer', proposal, 'ann', 'sha-256:aa', before, 'proposer-approves'],
  ['another hash', proposal, 'bo', 'sha-256:bb', before, 'proposal-changed'],
  ['the instant of expiry', proposal, 'bo', 'sha-256:aa', after, 'proposal-expired'],
  [
    'one that was approved',
    { ...proposal, state: 'approved' as const },
    'bo',
    'sha-256:aa',
    before,
    'proposal-decided',
  ],
  [
    'one that was rejected',
    { ...proposal, state: 'rejected' as const },
    'bo',
    'sha-256:aa',
    before,
    'proposal-decided',
  ],
  [
    'one both decided and expired',
    { ...proposal, state: 'approved' as const },
    'bo',
    'sha-256:aa',
    after,
    'proposal-decided',
  ],
  ['the proposer with another hash', proposal, 'ann', 'sha-256:bb', before, 'proposer-approves'],
])('judges a vote: %s', (_, subject, officer, hash, at, expected) => {
  const judgement = judgeVote(subject, { officer, hash, at })
  expect(judgement.kind === 'refuse' ? judgement.because : judgement.kind).toBe(expected)
})
