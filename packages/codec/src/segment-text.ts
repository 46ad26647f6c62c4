import { segmentTextFault, textFault } from './fault.ts'
import { CodeSyntaxError, type Malformation } from './malformation.ts'
import {
  asInstanceNumber,
  asOntologyNumber,
  asProviderNumber,
  asRequesterNumber,
  type InstanceNumber,
  MAX,
  type NumberedSegment,
  type OntologyNumber,
  type ProviderNumber,
  type RequesterNumber,
  WIDTH_MAX,
} from './segment.ts'
import { NOT_A_SYMBOL, valueOf, ZERO } from './symbol.ts'

const SYMBOLS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const PAIR_RADIX = 1296
const QUAD_RADIX = 1_679_616

/** Every two symbols, `00` to `ZZ`: a number is written two symbols at a time. */
const PAIRS: readonly string[] = Array.from(
  { length: PAIR_RADIX },
  (_, i) => SYMBOLS.charAt(Math.trunc(i / 36)) + SYMBOLS.charAt(i % 36),
)
/** The numbers below 1296 without leading zeros. */
const SHORT: readonly string[] = PAIRS.map((pair, i) => (i < 36 ? pair.slice(1) : pair))

/** A number as base-36 symbols in upper case, without leading zeros; 0 is `0`. @throws RangeError unless in 0..36^9-1. */
export function formatSegment(n: number): string {
  if (!Number.isInteger(n) || n < 0 || n > MAX.instance) {
    throw new RangeError(`${n} is not an integer in 0..${MAX.instance}`)
  }
  if (n < QUAD_RADIX) return formatShort(n)
  const high = Math.floor(n / QUAD_RADIX)
  const low = n - high * QUAD_RADIX
  return formatSegment(high) + padded(low)
}

function formatShort(n: number): string {
  if (n < PAIR_RADIX) return SHORT[n] ?? ''
  const high = (n / PAIR_RADIX) | 0
  return (SHORT[high] ?? '') + (PAIRS[n - high * PAIR_RADIX] ?? '')
}

function padded(n: number): string {
  const high = (n / PAIR_RADIX) | 0
  return (PAIRS[high] ?? '') + (PAIRS[n - high * PAIR_RADIX] ?? '')
}

/** Reads one segment on its own, in any letter case; `offset` of a malformation counts from the start of the segment. */
export function readSegment(segment: NumberedSegment, text: string): number | Malformation {
  if (typeof text !== 'string' || text === '') return textFault(text, segment)
  const length = text.length
  const leadingZero = text.charCodeAt(0) === ZERO && (length > 1 || segment !== 'instance')
  if (length > WIDTH_MAX[segment] || leadingZero) return segmentTextFault(text, segment)
  let n = 0
  for (let i = 0; i < length; i++) {
    const value = valueOf(text.charCodeAt(i))
    if (value === NOT_A_SYMBOL) return segmentTextFault(text, segment)
    n = n * 36 + value
  }
  return n
}

/** Reads a provider number: one to six symbols (5.4). @throws CodeSyntaxError */
export function parseProviderNumber(text: string): ProviderNumber {
  return asProviderNumber(parseSegment('provider', text))
}

/** Reads a requester number: one to six symbols (5.5). @throws CodeSyntaxError */
export function parseRequesterNumber(text: string): RequesterNumber {
  return asRequesterNumber(parseSegment('requester', text))
}

/** Reads an ontology number: one to nine symbols (5.6 b). @throws CodeSyntaxError */
export function parseOntologyNumber(text: string): OntologyNumber {
  return asOntologyNumber(parseSegment('ontology', text))
}

/** Reads an instance number: `0`, or one to nine symbols (5.6 c). @throws CodeSyntaxError */
export function parseInstanceNumber(text: string): InstanceNumber {
  return asInstanceNumber(parseSegment('instance', text))
}

function parseSegment(segment: NumberedSegment, text: string): number {
  const read = readSegment(segment, text)
  if (typeof read === 'number') return read
  throw new CodeSyntaxError(read, text)
}
