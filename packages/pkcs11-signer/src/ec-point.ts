import type { SignatureAlg } from '@arc3088/records'

/** What a token is told of a curve, and how it writes its points. */
interface Curve {
  readonly kty: 'EC' | 'OKP'
  readonly crv: 'P-256' | 'Ed25519'
  /** DER of CKA_EC_PARAMS: the curve's object identifier (PKCS#11 3.0 §6.3.3). */
  readonly params: Uint8Array
  readonly pointBytes: number
}

export const CURVES = {
  // 1.2.840.10045.3.1.7; an uncompressed point: 04 ‖ x ‖ y
  ES256: {
    kty: 'EC',
    crv: 'P-256',
    params: Uint8Array.of(0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07),
    pointBytes: 65,
  },
  // 1.3.101.112 (RFC 8410); the 32 bytes of RFC 8032
  Ed25519: {
    kty: 'OKP',
    crv: 'Ed25519',
    params: Uint8Array.of(0x06, 0x03, 0x2b, 0x65, 0x70),
    pointBytes: 32,
  },
} as const satisfies Record<SignatureAlg, Curve>

const COORDINATE_BYTES = 32
const OCTET_STRING = 0x04
const UNCOMPRESSED = 0x04

/** The public members of a JWK. */
export interface PublicPoint {
  readonly kty: 'EC' | 'OKP'
  readonly crv: 'P-256' | 'Ed25519'
  readonly x: Uint8Array
  readonly y?: Uint8Array
}

/**
 * Reads CKA_EC_POINT, which is a DER OCTET STRING around the point; some tokens give the bare point. Undefined for
 * what is no point of the curve's length.
 */
export function readEcPoint(alg: SignatureAlg, bytes: Uint8Array): PublicPoint | undefined {
  const { kty, crv, pointBytes } = CURVES[alg]
  const isWrapped = bytes.length === pointBytes + 2 && bytes[0] === OCTET_STRING && bytes[1] === pointBytes
  const point = isWrapped ? bytes.subarray(2) : bytes
  if (point.length !== pointBytes) return undefined
  if (alg === 'Ed25519') return { kty, crv, x: point }
  if (point[0] !== UNCOMPRESSED) return undefined
  return { kty, crv, x: point.subarray(1, 1 + COORDINATE_BYTES), y: point.subarray(1 + COORDINATE_BYTES) }
}
