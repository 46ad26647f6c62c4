/** Standard base64 with padding (RFC 4648 section 4). */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

/** Undefined for any text but the one that `encodeBase64` writes: stray bits at the end would be second spellings. */
export function decodeBase64(text: string): Uint8Array | undefined {
  // atob also takes white space and missing padding.
  if (text.length % 4 !== 0 || !BASE64.test(text)) return undefined
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  return encodeBase64(bytes) === text ? bytes : undefined
}
