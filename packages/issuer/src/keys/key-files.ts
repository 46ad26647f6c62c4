import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { publicJwkOf, type KeyPurpose, type KeyRing, type PublicJwk, type Signer } from '@arc3088/records'
import { ConfigError } from '@arc3088/service'
import { z } from 'zod'

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

/** The file of a purpose within `KEYS_DIR`. */
export function keyFileName(purpose: KeyPurpose): string {
  return `${purpose}.jwk.json`
}

/**
 * Loads one key a purpose from `KEYS_DIR`. Throws ConfigError naming the file that is missing or unusable, or
 * two purposes that share a key: a status server that leaks must not be able to assign codes.
 */
export async function loadKeyFiles(directory: string, purposes: readonly KeyPurpose[]): Promise<KeyRing> {
  const signers = new Map<KeyPurpose, Signer>()
  const purposeOf = new Map<string, KeyPurpose>()
  for (const purpose of purposes) {
    const signer = await loadSigner(join(directory, keyFileName(purpose)))
    const other = purposeOf.get(signer.kid)
    if (other !== undefined) throw new ConfigError([`KEYS_DIR: ${other} and ${purpose} are one key`])
    purposeOf.set(signer.kid, purpose)
    signers.set(purpose, signer)
  }
  return ringOf(signers)
}

function ringOf(signers: ReadonlyMap<KeyPurpose, Signer>): KeyRing {
  const active = (purpose: KeyPurpose): Signer => {
    const signer = signers.get(purpose)
    if (signer === undefined) throw new Error(`This node loaded no ${purpose} key`)
    return signer
  }
  return { active, published: (purpose): readonly PublicJwk[] => [active(purpose).publicJwk] }
}

async function loadSigner(path: string): Promise<Signer> {
  try {
    const jwk = PrivateKeyFile.parse(JSON.parse(readFileSync(path, 'utf8')))
    const publicJwk = await publicJwkOf(jwk.alg, jwk)
    const signer = createFileSigner(createPrivateKey({ key: { ...jwk }, format: 'jwk' }), publicJwk)
    await demandOneKey(signer)
    return signer
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError([`KEYS_DIR: ${path} is not a usable key file (${why})`])
  }
}

const PROBE = new TextEncoder().encode('arc3088 key probe')

/** A file whose halves are of two keys would sign records that nobody can ever verify, and codes are not given twice. */
async function demandOneKey({ publicJwk, sign: signWith }: Signer): Promise<void> {
  const { kty, crv, x, y } = publicJwk
  const key = createPublicKey({ key: y === undefined ? { kty, crv, x } : { kty, crv, x, y }, format: 'jwk' })
  const signature = await signWith(PROBE)
  const isGood =
    publicJwk.alg === 'ES256'
      ? verify('sha256', PROBE, { key, dsaEncoding: 'ieee-p1363' }, signature)
      : verify(null, PROBE, key, signature)
  if (!isGood) throw new Error('its private and public halves are of two keys')
}

/** Signs with node:crypto, which is several times faster than WebCrypto for one small input. */
function createFileSigner(key: KeyObject, publicJwk: PublicJwk): Signer {
  const isEcdsa = publicJwk.alg === 'ES256'
  return {
    kid: publicJwk.kid,
    alg: publicJwk.alg,
    publicJwk,
    sign(signingInput) {
      const signature = isEcdsa
        ? sign('sha256', signingInput, { key, dsaEncoding: 'ieee-p1363' })
        : sign(null, signingInput, key)
      return Promise.resolve(new Uint8Array(signature))
    },
  }
}
