import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'

/** SHA-256 (FIPS 180-4). WebCrypto's is asynchronous, and a tree is not built by awaiting. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes)
}

/** Writes the 32 bytes of the digest into `target` from `offset`. */
export function sha256Into(bytes: Uint8Array, target: Uint8Array, offset: number): void {
  target.set(nobleSha256(bytes), offset)
}
