const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const NOT_A_SYMBOL = 255

const symbolCodes = Uint8Array.from(ALPHABET, (symbol) => symbol.charCodeAt(0))
const ascii = new TextDecoder()
const valueOfCode = new Uint8Array(128).fill(NOT_A_SYMBOL)
symbolCodes.forEach((code, value) => {
  valueOfCode[code] = value
})

function at(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0
}

/** base64url without padding (RFC 7515 §2). */
export function encodeBase64url(bytes: Uint8Array): string {
  const codes = new Uint8Array(Math.ceil((bytes.length * 4) / 3))
  let out = 0
  for (let i = 0; i < bytes.length; i += 3) {
    const group = (at(bytes, i) << 16) | (at(bytes, i + 1) << 8) | at(bytes, i + 2)
    // Writes past the end of a typed array are dropped, which is what the unpadded last group needs.
    codes[out] = at(symbolCodes, group >> 18)
    codes[out + 1] = at(symbolCodes, (group >> 12) & 63)
    codes[out + 2] = at(symbolCodes, (group >> 6) & 63)
    codes[out + 3] = at(symbolCodes, group & 63)
    out += 4
  }
  return ascii.decode(codes)
}

/**
 * The bytes of `text`, or `undefined` unless `text` is the one spelling {@link encodeBase64url} gives for them:
 * no padding, no white space, no stray bits in the last symbol. Decoders that are lenient here give one signature
 * many spellings, and a log or a dedupe table then sees many records where there is one.
 */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  const rest = text.length % 4
  if (rest === 1) return undefined
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let pending = 0
  let bits = 0
  let out = 0
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    const value = code < 128 ? at(valueOfCode, code) : NOT_A_SYMBOL
    if (value === NOT_A_SYMBOL) return undefined
    pending = ((pending << 6) | value) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[out] = (pending >> bits) & 0xff
      out += 1
    }
  }
  const stray = pending & ((1 << bits) - 1)
  return stray === 0 ? bytes : undefined
}
