import { createHash } from 'node:crypto'

import type { IdempotencyKey } from '@arc3088/service'

/**
 * The identity of an application that came under a key: of key and body together. Whoever applies is nobody yet, so that a
 * key alone has no owner: two strangers who both send "1" have not sent the same thing, and neither hinders the other.
 */
export function submissionOf({ keyHash, bodyHash }: IdempotencyKey): Uint8Array {
  return new Uint8Array(createHash('sha256').update(keyHash).update(bodyHash).digest())
}
