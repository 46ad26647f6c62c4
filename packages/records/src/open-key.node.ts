import { createPublicKey, verify } from 'node:crypto'

import type { OpenKey } from './signature-check.ts'

/** On this thread: handing one signature to the thread pool and back costs as much again as looking at it. */
export const openKey: OpenKey = (material, alg) => {
  try {
    const key = createPublicKey({ key: { ...material }, format: 'jwk' })
    return Promise.resolve((signature, signed) =>
      Promise.resolve(
        alg === 'ES256'
          ? verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature)
          : verify(null, signed, key, signature),
      ),
    )
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new TypeError('not a public key'))
  }
}
