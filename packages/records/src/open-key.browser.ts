import { importJWK } from 'jose'

import type { OpenKey } from './signature-check.ts'
import { WEBCRYPTO } from './webcrypto.ts'

/** Over WebCrypto. */
export const openKey: OpenKey = async (material, alg) => {
  const key = await importJWK({ ...material }, alg)
  if (key instanceof Uint8Array || key.type !== 'public') throw new TypeError('not a public key')
  return async (signature, signed) => await crypto.subtle.verify(WEBCRYPTO[alg], key, signature, signed)
}
