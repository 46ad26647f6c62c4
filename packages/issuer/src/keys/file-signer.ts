import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'

import { publicJwkOf, type PublicJwk, type Signer } from '@arc3088/records'
import { z } from 'zod'

import { rawSignature } from './raw-signature.ts'

/** A private key as a key file holds it: RFC 7517, one key, with its algorithm. */
const PrivateKeyFile = z.discriminatedUnion('alg', [
  z.object({
    alg: z.literal('ES256'),
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: z.string(),
    y: z.string(),
    d: z.string(),
  }),
  z.object({
    alg: z.literal('Ed25519'),
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    x: z.string(),
    d: z.string(),
  }),
])

/** Makes a signer of the content of a key file. Throws where it is no key, or where its halves are of two keys. */
export async function readFileSigner(content: unknown): Promise<Signer> {
  const jwk = PrivateKeyFile.parse(content)
  const publicJwk = await publicJwkOf(jwk.alg, jwk)
  const signer = createFileSigner(createPrivateKey({ key: { ...jwk }, format: 'jwk' }), publicJwk)
  await demandOneKey(signer)
  return signer
}

const PROBE = new TextEncoder().encode('arc3088 key probe')

/** A key whose halves are of two keys would sign records that nobody can ever verify, and codes are not given twice. */
export async function demandOneKey({ publicJwk, sign: signWith }: Signer): Promise<void> {
  const { kty, crv, x, y } = publicJwk
  const key = createPublicKey({ key: y === undefined ? { kty, crv, x } : { kty, crv, x, y }, format: 'jwk' })
  const signature = await signWith(PROBE)
  const isGood =
    publicJwk.alg === 'ES256'
      ? verify('sha256', PROBE, { key, dsaEncoding: 'ieee-p1363' }, signature)
      : verify(null, PROBE, key, signature)
  if (!isGood) throw new Error('its private and public halves are of two keys')
}

/**
 * Signs with node:crypto, which is several times faster than WebCrypto for one small input. It is given the key alone and
 * not options: telling a key from options costs node as much as the signature, so an ECDSA one is asked for as DER.
 */
function createFileSigner(key: KeyObject, publicJwk: PublicJwk): Signer {
  const signNow =
    publicJwk.alg === 'ES256'
      ? (signingInput: Uint8Array) => rawSignature(sign('sha256', signingInput, key))
      : (signingInput: Uint8Array) => new Uint8Array(sign(null, signingInput, key))
  return {
    kid: publicJwk.kid,
    alg: publicJwk.alg,
    publicJwk,
    sign: (signingInput) => Promise.resolve(signNow(signingInput)),
  }
}
