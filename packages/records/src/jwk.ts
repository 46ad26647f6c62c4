import { openKey } from '#open-key'
import { calculateJwkThumbprint } from 'jose'
import { z } from 'zod'

import { decodeBase64url } from './base64url.ts'
import type { SignatureAlg, SignatureCheck } from './signature-check.ts'

const COORDINATE_BYTES = 32
export const KEYS_PER_SET_MAX = 32

const coordinate = z.string().refine((text) => decodeBase64url(text)?.length === COORDINATE_BYTES, {
  error: 'not 32 canonical base64url bytes',
})

const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/

const common = {
  kid: z.string().regex(THUMBPRINT),
  use: z.literal('sig').exactOptional(),
  // A key set that carries private or symmetric material must not be read as if it were fine.
  d: z.undefined().exactOptional(),
  k: z.undefined().exactOptional(),
}

const EcJwk = z
  .object({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: coordinate,
    y: coordinate,
    alg: z.literal('ES256'),
    ...common,
  })
  .transform(({ d: _d, k: _k, ...jwk }) => jwk)

const OkpJwk = z
  .object({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    x: coordinate,
    // RFC 8037's polymorphic name, as older software still publishes it.
    alg: z.enum(['Ed25519', 'EdDSA']).transform((): 'Ed25519' => 'Ed25519'),
    ...common,
  })
  .transform(({ d: _d, k: _k, ...jwk }) => jwk)

/**
 * A public signing key as published: `kid` is its RFC 7638 SHA-256 thumbprint (compared when a signature is checked),
 * `alg` pins the one algorithm it is used with.
 */
export const PublicJwk = z.union([EcJwk, OkpJwk]).transform((jwk): PublicJwk => jwk)
export interface PublicJwk {
  readonly kty: 'EC' | 'OKP'
  readonly crv: 'P-256' | 'Ed25519'
  readonly x: string
  readonly y?: string
  readonly kid: string
  readonly alg: SignatureAlg
  readonly use?: 'sig'
}

/** `{keys: […]}`: one to {@link KEYS_PER_SET_MAX} keys, no key twice. */
export const PublicJwkSet = z.object({
  keys: z
    .array(PublicJwk)
    .min(1)
    .max(KEYS_PER_SET_MAX)
    .refine((keys) => new Set(keys.map((key) => key.kid)).size === keys.length, {
      error: 'a key stands twice',
    }),
})
export interface PublicJwkSet {
  readonly keys: readonly PublicJwk[]
}

/** RFC 7638 SHA-256 thumbprint, base64url: the `kid` of every key here. */
export async function thumbprint(jwk: {
  readonly kty: string
  readonly crv: string
  readonly x: string
  readonly y?: string
}): Promise<string> {
  const { kty, crv, x, y } = jwk
  return await calculateJwkThumbprint(y === undefined ? { kty, crv, x } : { kty, crv, x, y }, 'sha256')
}

export type KeyImport =
  | { readonly kind: 'key'; readonly check: SignatureCheck }
  | {
      readonly kind: 'refused'
      readonly reason: 'kid-not-thumbprint' | 'key-invalid'
      readonly detail: string
    }

/** Keys met in one process are few: root and providers times purposes. The bound keeps strangers from filling memory. */
const IMPORTS_MAX = 1024
const imports = new Map<string, Promise<KeyImport>>()

async function importFresh({ kty, crv, x, y, kid, alg }: PublicJwk): Promise<KeyImport> {
  const material = y === undefined ? { kty, crv, x } : { kty, crv, x, y }
  if ((await thumbprint(material)) !== kid) {
    return {
      kind: 'refused',
      reason: 'kid-not-thumbprint',
      detail: `kid ${kid} is not the thumbprint of its key`,
    }
  }
  try {
    return { kind: 'key', check: await openKey(material, alg) }
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown'
    return { kind: 'refused', reason: 'key-invalid', detail: `key ${kid} cannot be used: ${why}` }
  }
}

/**
 * The key ready for use, its thumbprint checked. Remembered by all of its members, since importing costs more than
 * verifying; the oldest is forgotten first.
 */
export function importPublicJwk(jwk: PublicJwk): Promise<KeyImport> {
  const name = JSON.stringify([jwk.kty, jwk.crv, jwk.x, jwk.y, jwk.kid, jwk.alg])
  const known = imports.get(name)
  if (known !== undefined) return known
  const fresh = importFresh(jwk)
  imports.set(name, fresh)
  for (const oldest of imports.keys()) {
    if (imports.size <= IMPORTS_MAX) break
    imports.delete(oldest)
  }
  return fresh
}
