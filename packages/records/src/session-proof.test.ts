import { beforeAll, expect, test } from 'vitest'

import { signCompact } from './compact-jws.ts'
import { TYP } from './media-type.ts'
import { readSessionProof, signSessionProof, verifySessionProof, type SessionProof } from './session-proof.ts'
import { createMemorySigner, generateSigningKey, type Signer } from './signer.ts'

const GOOD: SessionProof = {
  aud: 'https://root.example',
  nonce: 'n'.repeat(43),
  iat: 1_790_000_000,
  exp: 1_790_000_060,
}

let signer: Signer
beforeAll(async () => {
  const { privateJwk } = await generateSigningKey('ES256')
  signer = await createMemorySigner({ alg: 'ES256', privateJwk })
})

test('a proof verifies under the key that made it, and under no other', async () => {
  const jws = await signSessionProof(signer, GOOD)
  expect(await verifySessionProof(jws, [signer.publicJwk])).toMatchObject({ kind: 'verified', claims: GOOD })
  const { publicJwk } = await generateSigningKey('ES256')
  expect(await verifySessionProof(jws, [publicJwk])).toMatchObject({ reason: 'key-unknown' })
})

test.each([
  ['that lives longer than a minute', { exp: GOOD.iat + 61 }, 'lifetime-too-long'],
  ['that ends before it begins', { exp: GOOD.iat }, 'claims-invalid'],
  ['with a short nonce', { nonce: 'n' }, 'claims-invalid'],
  ['for nobody', { aud: 'root' }, 'claims-invalid'],
])('a proof %s is refused, and never made', async (_, change, reason) => {
  const claims = { ...GOOD, ...change }
  await expect(signSessionProof(signer, claims)).rejects.toThrow(TypeError)
  const forged = await signCompact(signer, TYP.sessionProof, claims)
  expect(readSessionProof(forged)).toMatchObject({ kind: 'rejected', reason })
})

test('no other document is a proof', async () => {
  const other = await signCompact(signer, TYP.registryRequest, GOOD)
  expect(readSessionProof(other)).toMatchObject({ kind: 'rejected', reason: 'typ-wrong' })
})
