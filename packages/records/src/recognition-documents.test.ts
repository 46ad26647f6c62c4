import { describe, expect, test } from 'vitest'

import type { AgreementEvent } from './agreement-event.ts'
import { readAgreementEvent, signAgreementEvent, verifyAgreementEvent } from './agreement-event.ts'
import type { RecognitionEntry, RecognitionList } from './recognition-list.ts'
import { signRecognitionList, verifyRecognitionList } from './recognition-list.ts'
import { createMemorySigner, generateSigningKey } from './signer.ts'

const { privateJwk, publicJwk } = await generateSigningKey('ES256')
const signer = await createMemorySigner({ alg: 'ES256', privateJwk })
const other = await generateSigningKey('Ed25519')
const HASH = 'A'.repeat(43)
const AGREEMENT = 'urn:uuid:01a1d2b4-6c00-7000-8000-000000000900'

const event: AgreementEvent = {
  iss: 'https://a.example',
  iat: 100,
  jti: '01a1d2b4-6c00-7000-8000-000000000001',
  agreement: AGREEMENT,
  agreement_hash: HASH,
  towards: 'all',
  seq: 2,
  prev: HASH,
  event: 'suspend',
  reason: 'an inquiry',
  effective: 100,
}

describe('an event of an agreement', () => {
  test.each<readonly [string, Partial<AgreementEvent>]>([
    ['towards all', {}],
    ['towards one party, to take effect later', { towards: 'https://b.example', effective: 500 }],
    ['the first of its issuer', { seq: 1, prev: null, event: 'activate' }],
    ['with new keys', { event: 'key_update', jwks: { keys: [other.publicJwk] } }],
    [
      'with new keys and root keys',
      { event: 'key_update', jwks: { keys: [other.publicJwk] }, root_keys_thumbprints: [HASH] },
    ],
  ])('is signed and verified: %s', async (_, change) => {
    const jws = await signAgreementEvent(signer, { ...event, ...change })
    expect(await verifyAgreementEvent(jws, [publicJwk])).toMatchObject({
      kind: 'verified',
      claims: { ...event, ...change },
    })
    expect(await verifyAgreementEvent(jws, [other.publicJwk])).toMatchObject({ reason: 'key-unknown' })
    expect(readAgreementEvent(jws)).toMatchObject({ kind: 'read', kid: publicJwk.kid })
  })

  test.each<readonly [string, Partial<AgreementEvent>, string]>([
    ['takes effect before it is made', { effective: 99 }, 'takes effect'],
    ['is a first with a predecessor', { seq: 1 }, 'prev is null'],
    ['is a second without one', { prev: null }, 'prev is null'],
    ['is towards its issuer', { towards: 'https://a.example' }, 'another party'],
    ['leaves one party only', { event: 'terminate', towards: 'https://b.example' }, 'towards all'],
    ['updates keys without naming them', { event: 'key_update' }, 'jwks'],
    ['names keys without updating them', { jwks: { keys: [other.publicJwk] } }, 'jwks'],
    ['names root keys without updating keys', { root_keys_thumbprints: [HASH] }, 'root_keys_thumbprints'],
    ['gives no reason', { reason: '' }, 'reason'],
  ])('is not signed when it %s', async (_, change, why) => {
    await expect(signAgreementEvent(signer, { ...event, ...change })).rejects.toThrow(why)
  })
})

const keySet = { payload: 'e30', signatures: [{ protected: 'e30', signature: 'AA' }] }

function entry(anchor: string, prefix: string): RecognitionEntry {
  return {
    code_prefixes: [prefix],
    trust_anchor: anchor,
    territory: 'ZZ',
    root_keys: [keySet],
    jwks_thumbprints: [HASH],
    state: 'in-force',
    state_since: 100,
    valid_until: 5000,
    agreement: { jti: AGREEMENT, uri: 'https://a.example/v1/agreements/1', hash: HASH },
    constraints: { max_path_length: 1, algs: ['ES256'], max_status_ttl: 3600 },
  }
}

const list: RecognitionList = {
  iss: 'https://a.example',
  iat: 100,
  exp: 3700,
  ttl: 60,
  seq: 2,
  prev: HASH,
  entries: [entry('https://b.example', '1.2.250.1'), entry('https://c.example', '1.2.826.1')],
}

describe('a recognition list', () => {
  test('is signed and verified, also when it is empty', async () => {
    for (const claims of [list, { ...list, entries: [] }, { ...list, seq: 1, prev: null }]) {
      const jws = await signRecognitionList(signer, claims)
      expect(await verifyRecognitionList(jws, [publicJwk])).toMatchObject({ kind: 'verified', claims })
    }
  })

  test.each<readonly [string, Partial<RecognitionList>, string]>([
    ['lives longer than an hour', { exp: 3701 }, 'lives'],
    ['ends before it begins', { exp: 100 }, 'exp is not after iat'],
    ['is a first with a predecessor', { seq: 1 }, 'prev is null'],
    ['is a second without one', { prev: null }, 'prev is null'],
    ['recognises its issuer', { entries: [entry('https://a.example', '1.2.250.1')] }, 'itself'],
    [
      'has two roots with one prefix',
      { entries: [entry('https://b.example', '1.2.250.1'), entry('https://c.example', '1.2.250.1')] },
      'overlap',
    ],
    [
      'has one prefix below another',
      { entries: [entry('https://b.example', '1.2.250'), entry('https://c.example', '1.2.250.1')] },
      'overlap',
    ],
    ['has a prefix that is none', { entries: [entry('https://b.example', 'x')] }, 'root prefixes'],
    [
      'has an entry without key sets',
      { entries: [{ ...entry('https://b.example', '1.2.250'), root_keys: [] }] },
      'root_keys',
    ],
  ])('is not signed when it %s', async (_, change, why) => {
    await expect(signRecognitionList(signer, { ...list, ...change })).rejects.toThrow(why)
  })
})
