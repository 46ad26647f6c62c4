import { expect, test } from 'vitest'

import { encodeBase64url } from './base64url.ts'
import { isSealedKey, openSealedKey, SEALED_KEY_ITERATIONS, sealKey } from './sealed-key.ts'
import { generateSigningKey } from './signer.ts'

const SALT = new Uint8Array(16).fill(7)
const { privateJwk } = await generateSigningKey('ES256')
const sealed = await sealKey(privateJwk, 'correct horse', SALT)
const parts: Record<string, string> = JSON.parse(sealed)

test('a sealed key opens with its passphrase, and shows nothing of the key before', async () => {
  expect(await openSealedKey(JSON.parse(sealed), 'correct horse')).toEqual({
    kind: 'opened',
    jwk: privateJwk,
  })
  expect(sealed).not.toContain(privateJwk.d)
  expect([isSealedKey(JSON.parse(sealed)), isSealedKey(privateJwk)]).toEqual([true, false])
})

test('the header says RFC 7518 PBES2-HS512+A256KW, A256GCM and the iterations', () => {
  expect(JSON.parse(Buffer.from(parts['protected'] ?? '', 'base64url').toString())).toMatchObject({
    alg: 'PBES2-HS512+A256KW',
    enc: 'A256GCM',
    cty: 'jwk+json',
    p2c: SEALED_KEY_ITERATIONS,
  })
})

test.each([
  ['another passphrase', {}, 'correct Horse'],
  ['a changed ciphertext', { ciphertext: encodeBase64url(new Uint8Array(40)) }, 'correct horse'],
  ['a changed tag', { tag: encodeBase64url(new Uint8Array(16)) }, 'correct horse'],
])('does not open with %s', async (_, change, passphrase) => {
  expect(await openSealedKey({ ...parts, ...change }, passphrase)).toEqual({
    kind: 'refused',
    why: 'passphrase-wrong-or-damaged',
  })
})

const headerOf = (change: object) =>
  encodeBase64url(
    new TextEncoder().encode(
      JSON.stringify({
        alg: 'PBES2-HS512+A256KW',
        enc: 'A256GCM',
        cty: 'jwk+json',
        p2c: SEALED_KEY_ITERATIONS,
        p2s: encodeBase64url(SALT),
        ...change,
      }),
    ),
  )

test.each([
  ['asks for a thousand million iterations', { p2c: 1_000_000_000 }],
  ['asks for one iteration', { p2c: 1 }],
  ['names a weaker key wrapping', { alg: 'PBES2-HS256+A128KW' }],
  ['names no wrapping at all', { alg: 'dir' }],
  ['compresses', { zip: 'DEF' }],
])('refuses a file that %s, before it works on it', async (_, change) => {
  const value = { ...parts, protected: headerOf(change) }
  expect(await openSealedKey(value, 'correct horse')).toEqual({ kind: 'refused', why: 'not-sealed-so' })
})

test('refuses what is no sealed key', async () => {
  expect(await openSealedKey(privateJwk, 'x')).toEqual({ kind: 'refused', why: 'not-sealed-so' })
  expect(await openSealedKey(null, 'x')).toEqual({ kind: 'refused', why: 'not-sealed-so' })
  expect(await openSealedKey({ ...parts, header: {} }, 'x')).toEqual({
    kind: 'refused',
    why: 'not-sealed-so',
  })
})
