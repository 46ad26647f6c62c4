import { hash } from 'node:crypto'

import { RegistryError } from '@arc3088/problems'

/** Visible ASCII; long enough for any UUID or hash, short enough to log. */
const KEY_SHAPE = /^[\x21-\x7e]{1,255}$/

/** What makes two submissions the same one: the hash of the key, and the hash of what was asked under it. */
export interface IdempotencyKey {
  readonly keyHash: Uint8Array
  readonly bodyHash: Uint8Array
}

/**
 * Reads the `Idempotency-Key` of an assigning request (draft-ietf-httpapi-idempotency-key-header). The body is
 * hashed in its parsed form: schemas give members a fixed order, so white space and member order do not count.
 */
export function readIdempotencyKey(header: string | undefined, parsedRequest: unknown): IdempotencyKey {
  if (header === undefined) {
    throw new RegistryError(
      'idempotency-key-missing',
      'Send an Idempotency-Key header, and the same one on a retry',
    )
  }
  if (!KEY_SHAPE.test(header)) {
    throw new RegistryError('request-invalid', 'Idempotency-Key: 1 to 255 visible ASCII characters')
  }
  return { keyHash: sha256(header), bodyHash: sha256(JSON.stringify(parsedRequest ?? null)) }
}

function sha256(text: string): Uint8Array {
  return hash('sha256', text, 'buffer')
}
