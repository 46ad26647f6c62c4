import type { Branded } from './branded.ts'
import { code, providerPrefix, requesterPrefix } from './build-code.ts'
import { characterFault, extraFault, prefixFault, textFault } from './fault.ts'
import type { Subject } from './identity-code.ts'
import { CodeSyntaxError, type Malformation, malformation } from './malformation.ts'
import type { ReadOptions } from './read-code.ts'
import { HOME_PREFIX, prefixOf } from './root-prefix.ts'
import { MAX, type NumberedSegment, SEGMENT_CLAUSE } from './segment.ts'
import { DOT, valueOf, ZERO } from './symbol.ts'

/**
 * A code as a true OID: after the root prefix the marker arc 0, then each segment as a decimal arc. 0 is never a version, so no
 * alias reads as a code, nor any code as an alias.
 */
export type AliasText = Branded<string, 'AliasText'>

const MARKER = '0'
const ARCS = ['version', 'provider', 'requester', 'ontology', 'instance'] as const
/** The greatest number of each segment that parses. */
const ARC_MAX = { ...MAX, provider: MAX.providerParsed }
/** No alias is longer: the longest prefix, the marker, and 2 + 10 + 10 + 15 + 15 digits with their dots. */
const ALIAS_LENGTH_MAX = 160

/** The numeric alias of a code or code prefix: one alias each, and one code for each alias. */
export function toAlias(subject: Subject): AliasText {
  return [subject.prefix, MARKER, ...arcsOf(subject)].join('.') as AliasText
}

/** The decimal arcs that follow the marker. */
export function arcsOf(subject: Subject): readonly number[] {
  const head = [subject.version, subject.provider]
  if (subject.requester === 0) return head
  if (subject.kind === 'prefix') return [...head, subject.requester]
  return [...head, subject.requester, subject.ontology, subject.instance]
}

/** Reads a numeric alias: decimal arcs without leading zeros, each within the range of its segment. Never throws. */
export function readAlias(text: string, options?: ReadOptions): Subject | Malformation {
  if (typeof text !== 'string' || text === '') return textFault(text)
  if (text.length > ALIAS_LENGTH_MAX) return malformation('too-long', 'code', ALIAS_LENGTH_MAX, '5.1')
  const prefixes = options?.prefixes ?? [HOME_PREFIX]
  const prefix = prefixOf(text, prefixes)
  if (prefix === undefined) return prefixFault(text, prefixes)
  const marker = `.${MARKER}`
  let at = prefix.length + marker.length
  const marked = text.startsWith(marker, prefix.length) && (at === text.length || text.charCodeAt(at) === DOT)
  if (!marked)
    return malformation('marker-missing', 'version', Math.min(prefix.length + 1, text.length), '5.1')
  const arcs: number[] = []
  for (const segment of ARCS) {
    if (at === text.length) break
    const read = readArc(text, at + 1, segment)
    if (typeof read !== 'number') return read
    arcs.push(read)
    at = endOfArc(text, at + 1)
  }
  if (at < text.length) return extraFault(text, at)
  const [version, provider, requester, ontology, instance] = arcs
  if (version === undefined) return malformation('segment-missing', 'version', at, '5.1')
  if (provider === undefined) return malformation('segment-missing', 'provider', at, '5.1')
  if (requester === undefined) return providerPrefix(prefix, version, provider)
  if (ontology === undefined) return requesterPrefix(prefix, version, provider, requester)
  if (instance === undefined) return malformation('segment-missing', 'instance', at, '5.1')
  return code(prefix, version, provider, requester, ontology, instance)
}

/** As {@link readAlias}. @throws CodeSyntaxError */
export function fromAlias(text: string, options?: ReadOptions): Subject {
  const read = readAlias(text, options)
  if (read.kind === 'malformed') throw new CodeSyntaxError(read, text)
  return read
}

function readArc(text: string, start: number, segment: NumberedSegment): number | Malformation {
  const end = endOfArc(text, start)
  const clause = SEGMENT_CLAUSE[segment]
  if (end === start && (end === text.length || text.charCodeAt(end) === DOT)) {
    return malformation('empty-segment', segment, start, '5.1')
  }
  if (end - start > 1 && text.charCodeAt(start) === ZERO)
    return malformation('leading-zero', segment, start, clause)
  if (end < text.length && text.charCodeAt(end) !== DOT) return characterFault(text, segment, end)
  const n = Number(text.slice(start, end))
  if (n === 0 && segment !== 'instance') return malformation('zero', segment, start, clause)
  return n <= ARC_MAX[segment] ? n : malformation('out-of-range', segment, start, clause)
}

function endOfArc(text: string, start: number): number {
  let end = start
  while (end < text.length && valueOf(text.charCodeAt(end)) < 10) end++
  return end
}
