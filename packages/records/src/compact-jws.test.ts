import { CompactSign, compactVerify, importJWK } from 'jose'
import { describe, expect, test } from 'vitest'

import { decodeCompact, signCompact, verifySignedPart } from './compact-jws.ts'
import type { SignatureAlg } from './signature-check.ts'
import { createMemorySigner, generateSigningKey } from './signer.ts'

const TYP = 'example+jwt'

async function createKey(alg: SignatureAlg) {
  const { privateJwk, publicJwk } = await generateSigningKey(alg)
  return { privateJwk, publicJwk, signer: await createMemorySigner({ alg, privateJwk }) }
}

async function refusalOf(text: string, keys: Parameters<typeof verifySignedPart>[1]) {
  const decoded = decodeCompact(text, { typ: TYP })
  if (decoded.kind === 'rejected') return decoded.reason
  return (await verifySignedPart(decoded, keys))?.reason
}

describe.each(['ES256', 'Ed25519'] as const)('%s', (alg) => {
  test('what we sign, jose verifies', async () => {
    const { signer, publicJwk } = await createKey(alg)
    const jws = await signCompact(signer, TYP, { hello: '智能体' })
    const { payload, protectedHeader } = await compactVerify(jws, await importJWK({ ...publicJwk }, alg), {
      algorithms: [alg],
    })
    expect(JSON.parse(new TextDecoder().decode(payload))).toEqual({ hello: '智能体' })
    expect(protectedHeader).toEqual({ alg, kid: publicJwk.kid, typ: TYP })
  })

  test('what jose signs, we verify', async () => {
    const { privateJwk, publicJwk } = await createKey(alg)
    const jws = await new CompactSign(new TextEncoder().encode('{"a":1}'))
      .setProtectedHeader({ typ: TYP, kid: publicJwk.kid, alg })
      .sign(await importJWK({ ...privateJwk }, alg))
    expect(await refusalOf(jws, [publicJwk])).toBeUndefined()
  })

  test('another key of the same kind does not verify, even under the same kid', async () => {
    const mine = await createKey(alg)
    const other = await createKey(alg)
    const jws = await signCompact(mine.signer, TYP, {})
    expect(await refusalOf(jws, [other.publicJwk])).toBe('key-unknown')
    expect(await refusalOf(jws, [{ ...other.publicJwk, kid: mine.publicJwk.kid }])).toBe('kid-not-thumbprint')
  })
})

test('a generated key carries its thumbprint and no private member in the published half', async () => {
  const { privateJwk, publicJwk } = await generateSigningKey('ES256')
  expect(Object.keys(publicJwk).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
  expect(privateJwk.kid).toBe(publicJwk.kid)
})

test('a key of the wrong kind is refused as a signer', async () => {
  const { privateJwk } = await generateSigningKey('ES256')
  await expect(createMemorySigner({ alg: 'Ed25519', privateJwk })).rejects.toThrow(
    'Ed25519 needs an OKP Ed25519 key',
  )
})

test('a JWS over the bound is refused unread', () => {
  expect(decodeCompact('A'.repeat(65_537), { typ: TYP })).toMatchObject({ reason: 'jws-too-large' })
})
