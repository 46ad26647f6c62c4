import { type Malformation, malformation } from './malformation.ts'
import type { RootPrefix } from './root-prefix.ts'
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
    let shared = 0
    while (shared < prefix.length && shared < text.length && text[shared] === prefix[shared]) shared++
    if (shared > offset) offset = shared
  }
  const stray = offset < text.length && text.charCodeAt(offset) !== DOT
  if (stray && valueOf(text.charCodeAt(offset)) === NOT_A_SYMBOL)
    return characterFault(text, 'prefix', offset)
  return malformation('prefix-unknown', 'prefix', offset, '5.2')
}

/**
 * Why the segment that begins at `start` is not well formed; the caller knows that it is not. When all of it is well formed,
 * what fails is what follows it: nothing, where `next` must stand.
 */
export function segmentFault(
  text: string,
  start: number,
  segment: NumberedSegment,
  next: SegmentName,
): Malformation {
  const clause = SEGMENT_CLAUSE[segment]
  let end = start
  while (end < text.length && valueOf(text.charCodeAt(end)) !== NOT_A_SYMBOL) end++
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
  if (end - start > WIDTH_MAX[segment]) {
    return malformation('segment-too-long', segment, start + WIDTH_MAX[segment], clause)
  }
  if (atCharacter) return characterFault(text, segment, end)
  if (end === text.length) return malformation('segment-missing', next, end, '5.1')
  return extraFault(text, end)
}

/** As {@link segmentFault}, of a segment that stands alone: a dot in it is a character like any other. */
export function segmentTextFault(text: string, segment: NumberedSegment): Malformation {
  const dot = text.indexOf('.')
  const fault = segmentFault(dot === -1 ? text : text.slice(0, dot), 0, segment, 'extra')
  const afterAll = fault.reason === 'segment-missing' || fault.reason === 'empty-segment'
  return dot !== -1 && afterAll ? malformation('character', segment, dot, '5.1') : fault
}

/** Why nothing may follow the last segment; `offset` is that of the dot. */
export function extraFault(text: string, offset: number): Malformation {
  return offset === text.length - 1
    ? malformation('empty-segment', 'extra', text.length, '5.1')
    : malformation('segment-extra', 'extra', offset, '5.1')
}
