import type { SignatureAlg } from './signature-check.ts'

/** The WebCrypto name and parameters of an algorithm. */
export const WEBCRYPTO = {
  ES256: { name: 'ECDSA', hash: 'SHA-256' },
  Ed25519: { name: 'Ed25519' },
} as const satisfies Record<SignatureAlg, AlgorithmIdentifier & { hash?: string }>
