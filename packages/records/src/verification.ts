import type { Branded } from '@arc3088/codec'

import type { JsonFault } from '@arc3088/strict-json'

/** A JWS in compact serialization whose three parts are canonical base64url (W0). */
export type CompactJws = Branded<string, 'CompactJws'>

/**
 * Why a signed document is refused. The names are published in vectors and verdicts: never renamed.
 *
 * Form: `jws-too-large`, `jws-malformed`, `base64url-not-canonical`, the `json-…` faults, `crit-unknown`,
 * `header-member-unknown`, `header-member-missing`, `typ-wrong`, `alg-unsupported`.
 * Keys: `key-unknown`, `key-alg-mismatch`, `kid-not-thumbprint`, `key-invalid`, `key-repeated`, `signature-invalid`,
 * `threshold-not-met`; of agreements (W9) `key-of-nobody`, `signer-repeated`, `key-not-standing`, `signature-missing`.
 * Content: `claims-invalid`, `sub-not-iss`, `sub-segments-mismatch`, `level-mismatch`, `parent-mismatch`,
 * `lifetime-too-long`, `list-size-wrong`, `succession-broken`.
 */
export type RejectionReason =
  | JsonFault
  | 'jws-too-large'
  | 'jws-malformed'
  | 'base64url-not-canonical'
  | 'crit-unknown'
  | 'header-member-unknown'
  | 'header-member-missing'
  | 'typ-wrong'
  | 'alg-unsupported'
  | 'key-unknown'
  | 'key-alg-mismatch'
  | 'kid-not-thumbprint'
  | 'key-invalid'
  | 'key-repeated'
  | 'signature-invalid'
  | 'threshold-not-met'
  | 'key-of-nobody'
  | 'signer-repeated'
  | 'key-not-standing'
  | 'signature-missing'
  | 'claims-invalid'
  | 'sub-not-iss'
  | 'sub-segments-mismatch'
  | 'level-mismatch'
  | 'parent-mismatch'
  | 'lifetime-too-long'
  | 'list-size-wrong'
  | 'succession-broken'

export interface Rejected {
  readonly kind: 'rejected'
  readonly reason: RejectionReason
  readonly detail: string
}

export interface Verified<T> {
  readonly kind: 'verified'
  readonly claims: T
  readonly kid: string
  readonly jws: CompactJws
}

/** Decoded and of the right shape; nothing is known about who wrote it. */
export interface Read<T> {
  readonly kind: 'read'
  readonly claims: T
  readonly kid: string
  readonly jws: CompactJws
}

export type Verification<T> = Verified<T> | Rejected
export type Reading<T> = Read<T> | Rejected

export function rejected(reason: RejectionReason, detail: string): Rejected {
  return { kind: 'rejected', reason, detail }
}
