import { CODE_LENGTH_MAX, prefixFault, segmentFault, textFault } from './fault.ts'
import { mintCode, mintPrefix, type Subject } from './identity-code.ts'
import { type Malformation, malformation } from './malformation.ts'
import { prefixOf, type RootPrefix } from './root-prefix.ts'
import { DOT, NOT_A_SYMBOL, SYMBOL_VALUE, ZERO } from './symbol.ts'

// Where a text may end. A reader is one scan with some of these.
export const PROVIDER_END = 1
export const REQUESTER_END = 2
export const CODE_END = 4

/**
 * One pass over the text. Each segment runs over symbols, then asks at once whether all was right; what exactly was wrong is
 * found by looking again at that segment alone. The numbers are at most 36^9 where the widths hold, and unused where not.
 */
export function scan(text: string, prefixes: readonly RootPrefix[], ends: number): Subject | Malformation {
  if (typeof text !== 'string' || text === '' || text.length > CODE_LENGTH_MAX) return textFault(text)
  const prefix = prefixOf(text, prefixes)
  if (prefix === undefined) return prefixFault(text, prefixes)
  const length = text.length
  let at = prefix.length
  if (at === length) return malformation('segment-missing', 'version', at, '5.1')
  // Bit 6 of `cased` is set once a lower-case letter was seen: of the symbols only those have bits 5 and 6.
  let cased = 0
  let c = 0
  let value = 0

  let start = ++at
  let version = 0
  for (; at < length && (c = text.charCodeAt(at)) < 128; at++) {
    if ((value = SYMBOL_VALUE[c] ?? NOT_A_SYMBOL) === NOT_A_SYMBOL) break
    cased |= c & (c << 1)
    version = value
  }
  if (at - start !== 1 || version === 0 || at === length || c !== DOT) {
    return segmentFault(text, start, 'version', 'provider')
  }

  start = ++at
  let provider = 0
  for (; at < length && (c = text.charCodeAt(at)) < 128; at++) {
    if ((value = SYMBOL_VALUE[c] ?? NOT_A_SYMBOL) === NOT_A_SYMBOL) break
    cased |= c & (c << 1)
    provider = provider * 36 + value
  }
  if (at === start || at - start > 6 || text.charCodeAt(start) === ZERO) {
    return segmentFault(text, start, 'provider', 'requester')
  }
  if (at === length && (ends & PROVIDER_END) !== 0) {
    return mintPrefix(canonical(text, cased), prefix, version, provider, 0)
  }
  if (at === length || c !== DOT) return segmentFault(text, start, 'provider', 'requester')

  start = ++at
  let requester = 0
  for (; at < length && (c = text.charCodeAt(at)) < 128; at++) {
    if ((value = SYMBOL_VALUE[c] ?? NOT_A_SYMBOL) === NOT_A_SYMBOL) break
    cased |= c & (c << 1)
    requester = requester * 36 + value
  }
  if (at === start || at - start > 6 || text.charCodeAt(start) === ZERO) {
    return segmentFault(text, start, 'requester', 'ontology')
  }
  if (at === length && (ends & REQUESTER_END) !== 0) {
    return mintPrefix(canonical(text, cased), prefix, version, provider, requester)
  }
  if (at === length || c !== DOT || (ends & CODE_END) === 0) {
    return segmentFault(text, start, 'requester', 'ontology')
  }

  start = ++at
  let ontology = 0
  for (; at < length && (c = text.charCodeAt(at)) < 128; at++) {
    if ((value = SYMBOL_VALUE[c] ?? NOT_A_SYMBOL) === NOT_A_SYMBOL) break
    cased |= c & (c << 1)
    ontology = ontology * 36 + value
  }
  if (at === start || at - start > 9 || text.charCodeAt(start) === ZERO || at === length || c !== DOT) {
    return segmentFault(text, start, 'ontology', 'instance')
  }

  start = ++at
  let instance = 0
  for (; at < length && (c = text.charCodeAt(at)) < 128; at++) {
    if ((value = SYMBOL_VALUE[c] ?? NOT_A_SYMBOL) === NOT_A_SYMBOL) break
    cased |= c & (c << 1)
    instance = instance * 36 + value
  }
  if (
    at === start ||
    at - start > 9 ||
    at !== length ||
    (text.charCodeAt(start) === ZERO && at - start > 1)
  ) {
    return segmentFault(text, start, 'instance', 'extra')
  }
  return mintCode(canonical(text, cased), prefix, version, provider, requester, ontology, instance)
}

/** Only ASCII symbols and dots were passed, so upper-casing changes a to z alone. */
function canonical(text: string, cased: number): string {
  return (cased & 64) === 0 ? text : text.toUpperCase()
}
