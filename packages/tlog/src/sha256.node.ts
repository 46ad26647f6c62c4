import { hash } from 'node:crypto'

/** SHA-256 (FIPS 180-4). */
export function sha256(bytes: Uint8Array): Uint8Array {
  const digest = new Uint8Array(32)
  sha256Into(bytes, digest, 0)
  return digest
}

/** Writes the 32 bytes of the digest into `target` from `offset`. */
export function sha256Into(bytes: Uint8Array, target: Uint8Array, offset: number): void {
  // One character a byte: three times as fast as a Buffer for each digest, and trees are made of digests.
  const digest = hash('sha256', bytes, 'binary')
  for (let at = 0; at < 32; at += 1) target[offset + at] = digest.charCodeAt(at)
}
