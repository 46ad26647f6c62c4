import { importJWK } from 'jose'

import type { PublicJwk } from './jwk.ts'
import { thumbprint } from './jwk.ts'
import type { SignatureAlg } from './signature-check.ts'
import { WEBCRYPTO } from './webcrypto.ts'

/**
 * One private key, wherever it lives. `sign` gets the JWS signing input and answers the raw JOSE signature
 * (64 bytes: `r ‖ s` for ES256, RFC 8032 for Ed25519).
 */
export interface Signer {
  readonly kid: string
  readonly alg: SignatureAlg
  readonly publicJwk: PublicJwk
  sign(signingInput: Uint8Array): Promise<Uint8Array>
}

/** What a key may be used for. A key serves one purpose only; verifiers refuse a key listed under two. */
export type KeyPurpose = 'root' | 'federation' | 'issuing' | 'status' | 'tlog'

export interface KeyRing {
  /** The key that signs now. */
  active(purpose: KeyPurpose): Signer
  /** Every key to be published for the purpose, the active one among them. */
  published(purpose: KeyPurpose): readonly PublicJwk[]
}

/** A private key as stored: RFC 7517, never published. */
export interface PrivateJwk {
  readonly kty: 'EC' | 'OKP'
  readonly crv: 'P-256' | 'Ed25519'
  readonly x: string
  readonly y?: string
  readonly d: string
  readonly alg?: SignatureAlg
  readonly kid?: string
}

const GENERATION = {
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  Ed25519: { name: 'Ed25519' },
} as const

/** The published form of a private key: public members only, `kid` its thumbprint. */
export async function publicJwkOf(alg: SignatureAlg, jwk: PrivateJwk): Promise<PublicJwk> {
  const { kty, crv, x, y } = jwk
  const expected = alg === 'ES256' ? 'EC P-256' : 'OKP Ed25519'
  if (`${kty} ${crv}` !== expected) throw new TypeError(`${alg} needs an ${expected} key`)
  const kid = await thumbprint(jwk)
  return y === undefined ? { kty, crv, x, kid, alg, use: 'sig' } : { kty, crv, x, y, kid, alg, use: 'sig' }
}

/** A signer over WebCrypto with the key in memory: browsers, tests, command line. */
export async function createMemorySigner({
  alg,
  privateJwk,
}: {
  alg: SignatureAlg
  privateJwk: PrivateJwk
}): Promise<Signer> {
  const publicJwk = await publicJwkOf(alg, privateJwk)
  const { kty, crv, x, y, d } = privateJwk
  const key = await importJWK(y === undefined ? { kty, crv, x, d } : { kty, crv, x, y, d }, alg)
  if (key instanceof Uint8Array) throw new TypeError('not an asymmetric key')
  return {
    kid: publicJwk.kid,
    alg,
    publicJwk,
    async sign(signingInput) {
      return new Uint8Array(await crypto.subtle.sign(WEBCRYPTO[alg], key, new Uint8Array(signingInput)))
    },
  }
}

/** A new key from the platform's random source, in the form key files hold. */
export async function generateSigningKey(
  alg: SignatureAlg,
): Promise<{ privateJwk: PrivateJwk; publicJwk: PublicJwk }> {
  const pair = await crypto.subtle.generateKey(GENERATION[alg], true, ['sign', 'verify'])
  if (!('privateKey' in pair)) throw new TypeError('not a key pair')
  const { x, y, d } = await crypto.subtle.exportKey('jwk', pair.privateKey)
  if (x === undefined || d === undefined) throw new TypeError('the platform exported an incomplete key')
  const material: PrivateJwk =
    alg === 'ES256' && y !== undefined
      ? { kty: 'EC', crv: 'P-256', x, y, d, alg }
      : { kty: 'OKP', crv: 'Ed25519', x, d, alg }
  const publicJwk = await publicJwkOf(alg, material)
  return { privateJwk: { ...material, kid: publicJwk.kid }, publicJwk }
}
