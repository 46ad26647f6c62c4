import { describe, expect, test } from 'vitest'

import { encodeBase64url } from './base64url.ts'
import { signCompact } from './compact-jws.ts'
import { signKeyEndorsement, verifyKeyEndorsement, type KeyEndorsement } from './key-endorsement.ts'
import {
  historicalKeyFault,
  readKeyHistory,
  signKeyHistory,
  verifyKeyHistory,
  type KeyHistory,
} from './key-history.ts'
import { createMemorySigner, generateSigningKey, type Signer } from './signer.ts'

async function newSigner(alg: 'ES256' | 'Ed25519' = 'ES256'): Promise<Signer> {
  const { privateJwk } = await generateSigningKey(alg)
  return await createMemorySigner({ alg, privateJwk })
}

const P1 = 'https://p1.example'
const ROOT = 'https://root.example'
const federation = await newSigner()
const [issuing, tlog] = [await newSigner(), await newSigner('Ed25519')]

const HISTORY: KeyHistory = {
  iss: P1,
  iat: 1_790_000_000,
  keys: [
    { ...issuing.publicJwk, purpose: 'issuing', iat: 1000, nbf: 1600, exp: 5000 },
    {
      ...tlog.publicJwk,
      purpose: 'tlog',
      iat: 2000,
      exp: 4000,
      revoked: { revoked_at: 3000, reason: 'compromised' },
    },
  ],
}

describe('a key history', () => {
  test('is read back as it was signed, by the federation key', async () => {
    const jws = await signKeyHistory(federation, HISTORY)
    expect(await verifyKeyHistory(jws, [federation.publicJwk])).toMatchObject({
      kind: 'verified',
      claims: HISTORY,
    })
    expect(await verifyKeyHistory(jws, [issuing.publicJwk])).toMatchObject({ reason: 'key-unknown' })
  })

  test('may be empty: nothing was retired yet', async () => {
    const jws = await signKeyHistory(federation, { ...HISTORY, keys: [] })
    expect(readKeyHistory(jws)).toMatchObject({ kind: 'read', claims: { keys: [] } })
  })

  test('refuses one key under two purposes', async () => {
    const twice = [...HISTORY.keys, { ...issuing.publicJwk, purpose: 'status', iat: 1000, exp: 5000 }]
    const jws = await signCompact(federation, 'jwk-set+jwt', { ...HISTORY, keys: twice })
    expect(readKeyHistory(jws)).toMatchObject({ kind: 'rejected', reason: 'key-repeated' })
  })

  test.each([
    ['a key without its end', { exp: undefined }],
    ['a key without its purpose', { purpose: undefined }],
    ['a key of no purpose of a node', { purpose: 'root' }],
    ['a key used before it was announced', { nbf: 1 }],
    ['a private key', { d: encodeBase64url(new Uint8Array(32)) }],
    ['a revocation without its instant', { revoked: { reason: 'compromised' } }],
  ])('refuses %s', async (_, change) => {
    const keys = [{ ...HISTORY.keys[0], ...change }]
    const jws = await signCompact(federation, 'jwk-set+jwt', { ...HISTORY, keys })
    expect(readKeyHistory(jws)).toMatchObject({ kind: 'rejected', reason: 'claims-invalid' })
  })

  test('is never signed with a member that its readers do not know', async () => {
    const keys = HISTORY.keys.map((key) => ({ ...key, colour: 'blue' }))
    await expect(signKeyHistory(federation, { ...HISTORY, keys })).rejects.toThrow(TypeError)
  })
})

describe('what a historical key signed', () => {
  test('stands when it was witnessed within the life of the key, its last second included', () => {
    expect(historicalKeyFault({ exp: 5000 }, 5000)).toBeUndefined()
    expect(historicalKeyFault({ exp: 5000, revoked: { revoked_at: 3000 } }, 3000)).toBeUndefined()
  })

  test('does not count when it was witnessed after retirement', () => {
    expect(historicalKeyFault({ exp: 5000 }, 5001)).toBe('signed-after-retirement')
  })

  test('does not count when it was witnessed after the compromise, also before retirement', () => {
    expect(historicalKeyFault({ exp: 5000, revoked: { revoked_at: 3000 } }, 3001)).toBe(
      'signed-after-compromise',
    )
  })
})

const ENDORSEMENT: KeyEndorsement = {
  iss: P1,
  sub: P1,
  iat: 1_790_000_000,
  jti: '019ab000-0000-7000-8000-000000000001',
  event: 'announce',
  purpose: 'issuing',
  key: issuing.publicJwk,
}

describe('a key endorsement', () => {
  test.each<[string, Partial<KeyEndorsement>]>([
    ['announced', {}],
    ['activated', { event: 'activate' }],
    ['retired', { event: 'retire', exp: 5000 }],
    ['compromised', { event: 'compromise', revoked_at: 5000, reason: 'laptop lost' }],
    ['compromised this second', { event: 'compromise', revoked_at: ENDORSEMENT.iat }],
    ['confirmed by the root', { iss: ROOT, endorses: 'a'.repeat(43) }],
    [
      'compromised, as a root confirms it whose clock is behind',
      {
        iss: ROOT,
        endorses: 'a'.repeat(43),
        event: 'compromise',
        revoked_at: ENDORSEMENT.iat + 30,
      },
    ],
  ])('says of a key that it is %s', async (_, change) => {
    const claims = { ...ENDORSEMENT, ...change }
    const jws = await signKeyEndorsement(federation, claims)
    expect(await verifyKeyEndorsement(jws, [federation.publicJwk])).toMatchObject({ claims })
  })

  test.each([
    ['retires without an end', { event: 'retire' }],
    ['gives an end without retiring', { exp: 5000 }],
    ['compromises without an instant', { event: 'compromise' }],
    ['gives an instant of compromise without compromising', { revoked_at: 5000 }],
    ['tells of a compromise before it happens', { event: 'compromise', revoked_at: ENDORSEMENT.iat + 1 }],
    ['confirms no document of the other', { iss: ROOT }],
    ['confirms itself', { endorses: 'a'.repeat(43) }],
    ['is of an event that nobody knows', { event: 'lend' }],
    ['is of the root key', { purpose: 'root' }],
    ['has no id', { jti: undefined }],
  ])('is refused when it %s', async (_, change) => {
    const jws = await signCompact(federation, 'agent-code-key-endorsement+jwt', { ...ENDORSEMENT, ...change })
    expect(await verifyKeyEndorsement(jws, [federation.publicJwk])).toMatchObject({
      kind: 'rejected',
      reason: 'claims-invalid',
    })
  })
})
