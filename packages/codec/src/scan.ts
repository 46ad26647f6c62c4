import {
  CODE_LENGTH_MAX,
  endOfSymbols,
  INSTANCE,
  ONTOLOGY,
  PROVIDER,
  prefixFault,
  REQUESTER,
  segmentFault,
  textFault,
  VERSION,
} from './fault.ts'
import { type CodePrefix, type IdentityCode, mintCode, mintPrefix, type Subject } from './identity-code.ts'
import { type Malformation, malformation } from './malformation.ts'
import { HOME_PREFIX, HOME_PREFIXES, prefixOf, type RootPrefix } from './root-prefix.ts'
import { DOT, NOT_A_SYMBOL, SYMBOL_VALUE, ZERO } from './symbol.ts'

// Where a text may end. A reader is one scan with some of these.
const PROVIDER_END = 1
export const REQUESTER_END = 2
export const CODE_END = 4
export const PREFIX_ENDS = 3
export const SUBJECT_ENDS = 7

const HOME_LENGTH = HOME_PREFIX.length

/**
 * One pass over the text. Each segment runs over symbols, then asks at once whether all was right; what exactly was wrong is
 * found by looking again at that segment alone. Where the widths hold, the numbers are exact: integer arithmetic modulo 2^32 has
 * room for six symbols, and a wider number is read again.
 */
export function scan(
  text: string,
  prefixes: readonly RootPrefix[],
  ends: typeof CODE_END,
): IdentityCode | Malformation
export function scan(
  text: string,
  prefixes: readonly RootPrefix[],
  ends: typeof REQUESTER_END | typeof PREFIX_ENDS,
): CodePrefix | Malformation
export function scan(
  text: string,
  prefixes: readonly RootPrefix[],
  ends: typeof SUBJECT_ENDS,
): Subject | Malformation
export function scan(text: string, prefixes: readonly RootPrefix[], ends: number): Subject | Malformation {
  if (typeof text !== 'string') return textFault(text)
  const length = text.length
  if (length === 0 || length > CODE_LENGTH_MAX) return textFault(text)
  let prefix: RootPrefix | undefined = HOME_PREFIX
  if (prefixes !== HOME_PREFIXES || length <= HOME_LENGTH || !beginsAtHome(text)) {
    prefix = prefixes === HOME_PREFIXES && text !== HOME_PREFIX ? undefined : prefixOf(text, prefixes)
    if (prefix === undefined) return prefixFault(text, prefixes)
    if (prefix.length === length) return malformation('segment-missing', 'version', length, '5.1')
  }
  let at = prefix.length
  // Bit 6 of `cased` is set once a lower-case letter was seen: of the symbols only those have bits 5 and 6.
  let cased = 0
  let c = 0
  let value = 0

  let start = ++at
  if (length < start + 2) return segmentFault(text, start, endOfSymbols(text, start), VERSION)
  c = text.charCodeAt(start)
  const version = SYMBOL_VALUE[c] ?? NOT_A_SYMBOL
  if (version === 0 || version === NOT_A_SYMBOL || text.charCodeAt(++at) !== DOT) {
    return segmentFault(text, start, endOfSymbols(text, start), VERSION)
  }
  cased |= c & (c << 1)

  start = ++at
  if (at === length || (c = text.charCodeAt(at)) === ZERO) {
    return segmentFault(text, start, endOfSymbols(text, start), PROVIDER)
  }
  let provider = 0
  while ((value = SYMBOL_VALUE[c] ?? NOT_A_SYMBOL) !== NOT_A_SYMBOL) {
    cased |= c & (c << 1)
    provider = (Math.imul(provider, 36) + value) | 0
    if (++at === length) break
    c = text.charCodeAt(at)
  }
  if (c !== DOT || at === start || at - start > 6) {
    const ended = at === length && at - start <= 6 && (ends & PROVIDER_END) !== 0
    if (!ended) return segmentFault(text, start, at, PROVIDER)
    return mintPrefix(canonical(text, cased), prefix, version, provider >>> 0, 0)
  }

  start = ++at
  if (at === length || (c = text.charCodeAt(at)) === ZERO) {
    return segmentFault(text, start, endOfSymbols(text, start), REQUESTER)
  }
  let requester = 0
  while ((value = SYMBOL_VALUE[c] ?? NOT_A_SYMBOL) !== NOT_A_SYMBOL) {
    cased |= c & (c << 1)
    requester = (Math.imul(requester, 36) + value) | 0
    if (++at === length) break
    c = text.charCodeAt(at)
  }
  if (c !== DOT || at === start || at - start > 6) {
    const ended = at === length && at - start <= 6 && (ends & REQUESTER_END) !== 0
    if (!ended) return segmentFault(text, start, at, REQUESTER)
    return mintPrefix(canonical(text, cased), prefix, version, provider >>> 0, requester >>> 0)
  }
  if ((ends & CODE_END) === 0) return segmentFault(text, start, at, REQUESTER)

  start = ++at
  if (at === length || (c = text.charCodeAt(at)) === ZERO) {
    return segmentFault(text, start, endOfSymbols(text, start), ONTOLOGY)
  }
  let ontology = 0
  while ((value = SYMBOL_VALUE[c] ?? NOT_A_SYMBOL) !== NOT_A_SYMBOL) {
    cased |= c & (c << 1)
    ontology = (Math.imul(ontology, 36) + value) | 0
    if (++at === length) break
    c = text.charCodeAt(at)
  }
  if (c !== DOT || at === start || at - start > 9) {
    return segmentFault(text, start, at, ONTOLOGY)
  }
  const ontologyNumber = at - start > 6 ? wideNumber(text, start, at) : ontology >>> 0

  start = ++at
  if (at === length || ((c = text.charCodeAt(at)) === ZERO && length > at + 1)) {
    return segmentFault(text, start, endOfSymbols(text, start), INSTANCE)
  }
  let instance = 0
  while ((value = SYMBOL_VALUE[c] ?? NOT_A_SYMBOL) !== NOT_A_SYMBOL) {
    cased |= c & (c << 1)
    instance = (Math.imul(instance, 36) + value) | 0
    if (++at === length) break
    c = text.charCodeAt(at)
  }
  if (at < length || at - start > 9) return segmentFault(text, start, at, INSTANCE)
  const instanceNumber = at - start > 6 ? wideNumber(text, start, at) : instance >>> 0
  const spelt = canonical(text, cased)
  return mintCode(spelt, prefix, version, provider >>> 0, requester >>> 0, ontologyNumber, instanceNumber)
}

/** Whether the text begins with `1.2.156.3088.`, asked without a call for each of so many texts that do. */
function beginsAtHome(text: string): boolean {
  return (
    text.charCodeAt(0) === 49 &&
    text.charCodeAt(1) === DOT &&
    text.charCodeAt(2) === 50 &&
    text.charCodeAt(3) === DOT &&
    text.charCodeAt(4) === 49 &&
    text.charCodeAt(5) === 53 &&
    text.charCodeAt(6) === 54 &&
    text.charCodeAt(7) === DOT &&
    text.charCodeAt(8) === 51 &&
    text.charCodeAt(9) === ZERO &&
    text.charCodeAt(10) === 56 &&
    text.charCodeAt(11) === 56 &&
    text.charCodeAt(12) === DOT
  )
}

/** The number that seven to nine symbols write. */
function wideNumber(text: string, start: number, end: number): number {
  let number = 0
  for (let at = start; at < end; at++) number = number * 36 + (SYMBOL_VALUE[text.charCodeAt(at)] ?? 0)
  return number
}

/** Only ASCII symbols and dots were passed, so upper-casing changes a to z alone. */
function canonical(text: string, cased: number): string {
  return (cased & 64) === 0 ? text : text.toUpperCase()
}
