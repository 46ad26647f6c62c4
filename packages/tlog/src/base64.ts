import { fromBase64, toBase64 } from '#base64-text'

/** Standard base64 with padding (RFC 4648 section 4). */
export function encodeBase64(bytes: Uint8Array): string {
  return toBase64(bytes)
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

/** Undefined for any text but the one that `encodeBase64` writes: stray bits at the end would be second spellings. */
export function decodeBase64(text: string): Uint8Array | undefined {
  // Decoders also take what is longer or shorter than it should be.
  if (text.length % 4 !== 0 || !BASE64.test(text)) return undefined
  const bytes = fromBase64(text)
  return encodeBase64(bytes) === text ? bytes : undefined
}
