import type { KeyEndorsement, PublicJwk } from '@arc3088/records'
import { expect, test } from 'vitest'

import { judgeProviderKey, type ProviderKeyFacts } from './provider-key.ts'

const jwk = (kid: string): PublicJwk => ({
  kty: 'OKP',
  crv: 'Ed25519',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  kid,
  alg: 'Ed25519',
})
const change = (
  event: KeyEndorsement['event'],
  purpose: KeyEndorsement['purpose'],
  kid: string,
): KeyEndorsement => ({
  iss: 'https://p1.example',
  sub: 'https://p1.example',
  iat: 1,
  jti: '019ab000-0000-7000-8000-000000000001',
  event,
  purpose,
  key: jwk(kid),
})
const FACTS: ProviderKeyFacts = {
  provider: 1,
  federationKeys: [jwk('f1')],
  known: [
    { kid: 'f1', provider: 1, purpose: 'federation', state: 'active' },
    { kid: 'i1', provider: 1, purpose: 'issuing', state: 'active' },
    { kid: 'i2', provider: 1, purpose: 'issuing', state: 'announced' },
    { kid: 's0', provider: 1, purpose: 'status', state: 'outgoing' },
    { kid: 'x', provider: 2, purpose: 'issuing', state: 'active' },
  ],
  isForeign: false,
  taken: [],
}
const kids = (keys: readonly PublicJwk[]) => keys.map(({ kid }) => kid)

test.each([
  ['announce', 'issuing', 'i3', 'announced', undefined],
  ['announce', 'federation', 'f2', 'announced', undefined],
  ['activate', 'issuing', 'i2', 'active', 'i1'],
  ['activate', 'tlog', 't1', 'active', undefined],
  ['retire', 'status', 's0', 'retired', undefined],
  ['compromise', 'issuing', 'i1', 'compromised', undefined],
] as const)('%s of the %s key %s makes it %s, and %s outgoing', (event, purpose, kid, state, outgoing) => {
  expect(judgeProviderKey(change(event, purpose, kid), FACTS)).toMatchObject({
    kind: 'endorse',
    state,
    outgoing,
  })
})

test.each([
  ['announce', 'issuing', 'i2', 'key-state'],
  ['announce', 'status', 'i1', 'key-two-purposes'],
  ['announce', 'issuing', 'f1', 'key-two-purposes'],
  ['announce', 'issuing', 'x', 'key-two-purposes'],
  ['activate', 'issuing', 'i1', 'key-state'],
  ['activate', 'issuing', 'i9', 'key-state'],
  ['retire', 'issuing', 'i1', 'key-state'],
  ['retire', 'issuing', 'i2', 'key-state'],
  ['compromise', 'issuing', 'i9', 'key-state'],
  ['compromise', 'federation', 'f1', 'key-state'],
] as const)('%s of the %s key %s is refused with %s', (event, purpose, kid, because) => {
  expect(judgeProviderKey(change(event, purpose, kid), FACTS)).toMatchObject({ kind: 'refuse', because })
})

test('refuses a key that the root uses itself, or another provider, for whatever purpose', () => {
  const verdict = judgeProviderKey(change('announce', 'issuing', 'i3'), { ...FACTS, isForeign: true })
  expect(verdict).toMatchObject({ kind: 'refuse', because: 'key-two-purposes' })
})

test('the first federation key that is told of is one that the provider applied with', () => {
  const fresh = { ...FACTS, known: [] }
  expect(judgeProviderKey(change('activate', 'federation', 'f1'), fresh).kind).toBe('endorse')
  expect(judgeProviderKey(change('activate', 'federation', 'f9'), fresh)).toMatchObject({
    because: 'key-not-endorsed',
  })
})

test('a federation key that a decision put in the place of all others is told of when it comes into use', () => {
  expect(judgeProviderKey(change('activate', 'federation', 'f1'), FACTS)).toMatchObject({
    kind: 'endorse',
    state: 'active',
    outgoing: undefined,
  })
  const given = { ...FACTS, federationKeys: [jwk('f2')] }
  expect(judgeProviderKey(change('activate', 'federation', 'f1'), given)).toMatchObject({
    because: 'key-state',
  })
})

test('a new federation key stands from its announcement, and no more from its end', () => {
  const announced = judgeProviderKey(change('announce', 'federation', 'f2'), FACTS)
  expect(announced.kind === 'endorse' && kids(announced.federationKeys)).toEqual(['f1', 'f2'])
  const both: ProviderKeyFacts = {
    ...FACTS,
    federationKeys: [jwk('f1'), jwk('f2')],
    known: [
      { kid: 'f1', provider: 1, purpose: 'federation', state: 'outgoing' },
      { kid: 'f2', provider: 1, purpose: 'federation', state: 'active' },
    ],
  }
  for (const event of ['retire', 'compromise'] as const) {
    const ended = judgeProviderKey(change(event, 'federation', 'f1'), both)
    expect(ended.kind === 'endorse' && kids(ended.federationKeys)).toEqual(['f2'])
  }
})

test('the last step that a key took is said again by the same words, and no other step or words', () => {
  const retire = { ...change('retire', 'status', 's0'), exp: 1_790_000_000 }
  const facts: ProviderKeyFacts = {
    ...FACTS,
    known: [{ kid: 's0', provider: 1, purpose: 'status', state: 'retired' }],
    taken: [retire],
  }
  const anew = { ...retire, iat: 2, jti: '019ab000-0000-7000-8000-000000000002' }
  expect(judgeProviderKey(anew, facts)).toEqual({ kind: 'repeat' })
  expect(judgeProviderKey({ ...anew, exp: 1_790_000_001 }, facts)).toMatchObject({ because: 'key-state' })
  expect(judgeProviderKey({ ...anew, purpose: 'issuing' }, facts)).toMatchObject({
    because: 'key-two-purposes',
  })
  const announce = change('announce', 'status', 's0')
  expect(judgeProviderKey(announce, { ...facts, taken: [announce, retire] })).toMatchObject({
    because: 'key-state',
  })
  const ofAnother = {
    ...facts,
    known: [{ kid: 's0', provider: 2, purpose: 'status', state: 'retired' }] as const,
  }
  expect(judgeProviderKey(anew, ofAnother)).toMatchObject({ because: 'key-two-purposes' })
})

test('a step of a federation key is not taken for one said again', () => {
  const announce = change('announce', 'federation', 'f1')
  expect(judgeProviderKey(announce, { ...FACTS, taken: [announce] })).toMatchObject({ because: 'key-state' })
})
