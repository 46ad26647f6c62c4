/** What {@link valueOf} answers for a character that is not a symbol of 5.1. */
export const NOT_A_SYMBOL = 64

/**
 * Value of every UTF-16 unit as a base-36 symbol; letters of either case count the same (5.1). ASCII only: no Unicode case folding,
 * so neither U+017F nor U+212A is a letter here. It has all 65,536 entries so that the reader needs no branch for the range; a text
 * of ASCII touches two cache lines of it.
 */
export const SYMBOL_VALUE: Uint8Array = symbolValues()

/** 36 to the power of the index: what the first six symbols of a longer number are worth. */
export const POWER: Float64Array = Float64Array.of(1, 36, 1296, 46_656)

export const DOT = 46
export const ZERO = 48

function symbolValues(): Uint8Array {
  const values = new Uint8Array(65_536).fill(NOT_A_SYMBOL)
  for (let i = 0; i < 10; i++) values[48 + i] = i
  for (let i = 0; i < 26; i++) {
    values[65 + i] = 10 + i
    values[97 + i] = 10 + i
  }
  return values
}

/** 0..35, or {@link NOT_A_SYMBOL}. */
export function valueOf(charCode: number): number {
  return SYMBOL_VALUE[charCode] ?? NOT_A_SYMBOL
}

/** Whether the UTF-16 unit is white space in any script: what a person would call a space (5.1 forbids it). */
export function isSpace(charCode: number): boolean {
  if (charCode < 0x80) return charCode === 0x20 || (charCode >= 9 && charCode <= 13)
  return (
    charCode === 0x85 ||
    charCode === 0xa0 ||
    charCode === 0x1680 ||
    (charCode >= 0x2000 && charCode <= 0x200a) ||
    charCode === 0x2028 ||
    charCode === 0x2029 ||
    charCode === 0x202f ||
    charCode === 0x205f ||
    charCode === 0x3000
  )
}
