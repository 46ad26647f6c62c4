import type { PublicJwk } from '@arc3088/records'
import { describe, expect, test } from 'vitest'

import {
  isPublished,
  judgeActivation,
  judgeCompromise,
  judgeRetirement,
  overlapSecondsOf,
  type NodeKey,
} from './key.ts'
import { asHistorical } from './key-history.ts'

const JWK: PublicJwk = {
  kty: 'OKP',
  crv: 'Ed25519',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
  alg: 'Ed25519',
}
const second = (s: number) => new Date(s * 1000)
const NEXT: NodeKey = {
  kid: JWK.kid,
  purpose: 'issuing',
  jwk: JWK,
  ref: 'file:x',
  state: 'announced',
  announcedAt: second(1000),
  endorsedAt: second(1100),
  activatedAt: null,
  outgoingAt: null,
  retiredAt: null,
  finalCheckpointSize: null,
  compromisedAt: null,
}
const CURRENT: NodeKey = { ...NEXT, kid: 'current', state: 'active', activatedAt: second(1) }

test('a key of the log is known for as long as a statement that names it may be held, another for ten minutes', () => {
  const purposes = ['federation', 'issuing', 'status', 'tlog'] as const
  expect(purposes.map(overlapSecondsOf)).toEqual([600, 600, 600, 7 * 86_400 + 60])
})

describe('an activation', () => {
  const GOOD = {
    key: NEXT,
    siblings: [CURRENT, NEXT],
    isWitnessed: true,
    isInRootKeySet: true,
    now: second(1700),
    overlapSeconds: 600,
  }
  test('is allowed when all know the key', () => {
    expect(judgeActivation(GOOD)).toEqual({ kind: 'allow' })
  })

  test.each([
    ['without the root’s endorsement', { key: { ...NEXT, endorsedAt: null } }, 'key-not-endorsed'],
    ['without a witnessed proof in the own log', { isWitnessed: false }, 'key-not-endorsed'],
    ['of a federation key that the root key set lacks', { isInRootKeySet: false }, 'key-not-endorsed'],
    [
      'a second before the overlap after the root’s endorsement is over',
      { now: second(1699) },
      'key-too-early',
    ],
    ['of a key that was active once', { key: { ...NEXT, state: 'outgoing' } }, 'key-state'],
    ['of a compromised key', { key: { ...NEXT, state: 'compromised' } }, 'key-state'],
  ] as const)('is refused %s', (_, change, because) => {
    expect(judgeActivation({ ...GOOD, ...change })).toMatchObject({ kind: 'refuse', because })
  })

  test('does not wait for the overlap where the key before was compromised, but for every endorsement', () => {
    const emergency = {
      ...GOOD,
      siblings: [{ ...CURRENT, state: 'compromised' as const }, NEXT],
      now: second(1101),
    }
    expect(judgeActivation(emergency)).toEqual({ kind: 'allow' })
    expect(judgeActivation({ ...emergency, isWitnessed: false })).toMatchObject({ kind: 'refuse' })
    expect(judgeActivation({ ...emergency, key: { ...NEXT, endorsedAt: null } })).toMatchObject({
      kind: 'refuse',
    })
  })
})

test.each([
  ['active', null, 5000, 'key-state'],
  ['outgoing', second(1000), 1119, 'key-too-early'],
  ['outgoing', second(1000), 1120, undefined],
] as const)('a key that is %s since %s retires at second %i: %s', (state, outgoingAt, now, because) => {
  const judgement = judgeRetirement({
    key: { ...CURRENT, state, outgoingAt },
    now: second(now),
    settleSeconds: 120,
  })
  expect(judgement.kind === 'refuse' ? judgement.because : undefined).toBe(because)
})

test('a compromise is told of the past, and only further back', () => {
  const told = { ...CURRENT, state: 'compromised' as const, compromisedAt: second(500) }
  const at = (key: NodeKey, since: number) =>
    judgeCompromise({ key, since: second(since), now: second(1000) }).kind
  expect([at(CURRENT, 500), at(CURRENT, 1001), at(told, 501), at(told, 499)]).toEqual([
    'allow',
    'refuse',
    'refuse',
    'allow',
  ])
})

test('announced, active and outgoing keys are published; retired and compromised ones stand in the history', () => {
  const retired = { ...CURRENT, state: 'retired' as const, retiredAt: second(3000) }
  const compromised = { ...CURRENT, state: 'compromised' as const, compromisedAt: second(2000) }
  const both = { ...compromised, retiredAt: second(3000) }
  const states = [NEXT, CURRENT, { ...CURRENT, state: 'outgoing' as const }, retired, compromised, both]
  expect(states.map(isPublished)).toEqual([true, true, true, false, false, false])
  expect(states.map((key) => asHistorical(key) !== undefined)).toEqual([
    false,
    false,
    false,
    true,
    true,
    true,
  ])
  expect(asHistorical(retired)).toMatchObject({ purpose: 'issuing', nbf: 1, exp: 3000 })
  expect(asHistorical(compromised)).toMatchObject({ exp: 2000, revoked: { revoked_at: 2000 } })
  expect(asHistorical(both)).toMatchObject({ exp: 3000, revoked: { revoked_at: 2000 } })
})

test('a retired key of the log stays published, for the checkpoints that are kept; a compromised one does not', () => {
  const retired = { ...CURRENT, purpose: 'tlog' as const, state: 'retired' as const }
  expect([isPublished(retired), isPublished({ ...retired, state: 'compromised' })]).toEqual([true, false])
})
