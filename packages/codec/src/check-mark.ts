import type { Subject } from './identity-code.ts'
import { DOT, NOT_A_SYMBOL, valueOf } from './symbol.ts'

const MODULUS = 36
const SYMBOLS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/**
 * The display check mark: one symbol shown beside a code for people who copy it by hand, computed by ISO 7064 MOD 37,36 over the
 * symbols of the canonical text without its dots. It is no part of the code and no proof of anything.
 * It finds every single wrong symbol, and all but a few swaps of neighbours; it does not find a dot that moved.
 */
export function checkMark(subject: Subject): string {
  return SYMBOLS.charAt(checkValue(subject.text))
}

/** Whether the mark, in either letter case, is that of the code. */
export function verifyCheckMark(subject: Subject, mark: string): boolean {
  return mark.length === 1 && valueOf(mark.charCodeAt(0)) === checkValue(subject.text)
}

/** The check symbol of any string of symbols by ISO 7064 MOD 37,36 (GB/T 17710); dots are passed over. @throws RangeError at another character. */
export function mod37x36(symbols: string): string {
  return SYMBOLS.charAt(checkValue(symbols))
}

/** The hybrid system of ISO 7064 clause 9: the running product is doubled modulo 37, the sum reduced modulo 36, 0 standing for 36. */
function checkValue(text: string): number {
  let product = MODULUS
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === DOT) continue
    const value = valueOf(c)
    if (value === NOT_A_SYMBOL) throw new RangeError(`the character at ${i} is not one of 0-9 and A-Z`)
    const sum = (product + value) % MODULUS
    product = ((sum === 0 ? MODULUS : sum) * 2) % (MODULUS + 1)
  }
  return (MODULUS + 1 - product) % MODULUS
}
