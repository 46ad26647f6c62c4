import { hash } from 'node:crypto'

import type { Submission } from './tier.ts'

/**
 * Under which key a submission is remembered: SHA-256 over who asked, for what act, and the hash of the key that was
 * sent. Two principals, or two acts, never meet in one, and the row holds none of the three.
 */
export function idempotencyHash(operation: string, { principal, idempotency }: Submission<unknown>): Buffer {
  return hash(
    'sha256',
    Buffer.concat([Buffer.from(`${principal}\0${operation}\0`), idempotency.keyHash]),
    'buffer',
  )
}
