import { type Malformation, malformation } from './malformation.ts'
import { type RootPrefix, sharedLength } from './root-prefix.ts'
import { type NumberedSegment, SEGMENT_CLAUSE, type SegmentName, WIDTH_MAX } from './segment.ts'
import { DOT, isSpace, NOT_A_SYMBOL, valueOf, ZERO } from './symbol.ts'

/** No text longer than this is a code: the longest prefix, four opaque segments of 32 symbols, and room. */
export const CODE_LENGTH_MAX = 256

/** Why a text that is not even begun to be read is refused (rules 1.1-1.3). */
export function textFault(text: unknown, segment: SegmentName = 'code'): Malformation {
  if (typeof text !== 'string') return malformation('not-text', segment, 0, '5.1')
  if (text === '') return malformation('empty', segment, 0, '5.1')
  return malformation('too-long', segment, CODE_LENGTH_MAX, '5.1')
}

/** Why a character that is no symbol cannot stand where it stands. */
export function characterFault(text: string, segment: SegmentName, offset: number): Malformation {
  return malformation(isSpace(text.charCodeAt(offset)) ? 'space' : 'character', segment, offset, '5.1')
}

/** Why a text begins with none of the prefixes: the offset is the furthest index to which one of them leads. */
export function prefixFault(text: string, prefixes: readonly RootPrefix[]): Malformation {
  let offset = 0
  for (const prefix of prefixes) {
    const shared = sharedLength(text, prefix)
    if (shared > offset) offset = shared
  }
  const stray = offset < text.length && text.charCodeAt(offset) !== DOT
  if (stray && valueOf(text.charCodeAt(offset)) === NOT_A_SYMBOL)
    return characterFault(text, 'prefix', offset)
  return malformation('prefix-unknown', 'prefix', offset, '5.2')
}

/** Where the symbols that begin at `start` end. */
export function endOfSymbols(text: string, start: number): number {
  let end = start
  while (end < text.length && valueOf(text.charCodeAt(end)) !== NOT_A_SYMBOL) end++
  return end
}

/** What {@link segmentFault} must know of a segment: one object each, so that a refusal is as quick as a code. */
interface SegmentRule {
  readonly segment: NumberedSegment
  readonly clause: string
  readonly widthMax: number
  /** What must follow it. */
  readonly next: SegmentName
}

export const VERSION: SegmentRule = ruleOf('version', 'provider')
export const PROVIDER: SegmentRule = ruleOf('provider', 'requester')
export const REQUESTER: SegmentRule = ruleOf('requester', 'ontology')
export const ONTOLOGY: SegmentRule = ruleOf('ontology', 'instance')
export const INSTANCE: SegmentRule = ruleOf('instance', 'extra')

function ruleOf(segment: NumberedSegment, next: SegmentName): SegmentRule {
  return { segment, clause: SEGMENT_CLAUSE[segment], widthMax: WIDTH_MAX[segment], next }
}

/**
 * Why the segment whose symbols stand from `start` to `end` is not well formed; the caller knows that it is not. When all of it
 * is well formed, what fails is what follows it: nothing, where another segment must stand.
 */
export function segmentFault(text: string, start: number, end: number, rule: SegmentRule): Malformation {
  const { segment, clause, widthMax, next } = rule
  const atCharacter = end < text.length && text.charCodeAt(end) !== DOT
  if (end === start) {
    return atCharacter
      ? characterFault(text, segment, end)
      : malformation('empty-segment', segment, start, '5.1')
  }
  if (text.charCodeAt(start) === ZERO) {
    if (end - start > 1) return malformation('leading-zero', segment, start, clause)
    if (!atCharacter && segment !== 'instance') return malformation('zero', segment, start, clause)
  }
  if (end - start > widthMax) return malformation('segment-too-long', segment, start + widthMax, clause)
  if (atCharacter) return characterFault(text, segment, end)
  if (end === text.length) return malformation('segment-missing', next, end, '5.1')
  return extraFault(text, end)
}

/** As {@link segmentFault}, of a segment that stands alone: a dot in it is a character like any other. */
export function segmentTextFault(text: string, segment: NumberedSegment): Malformation {
  const dot = text.indexOf('.')
  const alone = dot === -1 ? text : text.slice(0, dot)
  const fault = segmentFault(alone, 0, endOfSymbols(alone, 0), ruleOf(segment, 'extra'))
  const afterAll = fault.reason === 'segment-missing' || fault.reason === 'empty-segment'
  return dot !== -1 && afterAll ? malformation('character', segment, dot, '5.1') : fault
}

/** Why nothing may follow the last segment; `offset` is that of the dot. */
export function extraFault(text: string, offset: number): Malformation {
  return offset === text.length - 1
    ? malformation('empty-segment', 'extra', text.length, '5.1')
    : malformation('segment-extra', 'extra', offset, '5.1')
}
