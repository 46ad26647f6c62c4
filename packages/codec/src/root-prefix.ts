import type { Branded } from './branded.ts'
import { CodeSyntaxError, type Malformation, malformation } from './malformation.ts'
import { DOT, isSpace, valueOf, ZERO } from './symbol.ts'

/** The numeric OID of a root of identity codes (GB/Z 185.2 5.2; annex B c for other roots). */
export type RootPrefix = Branded<string, 'RootPrefix'>

/** The arc of this registry: fixed by 5.2. */
export const HOME_PREFIX = '1.2.156.3088' as RootPrefix

/** The prefixes that are known when none are named. */
export const HOME_PREFIXES: readonly RootPrefix[] = [HOME_PREFIX]

/** A longer OID is refused as a root prefix, so that every code stays below {@link CODE_LENGTH_MAX}. */
export const ROOT_PREFIX_LENGTH_MAX = 100

const SECOND_ARC_MAX = 39

/**
 * Reads a root prefix: two or more decimal arcs without leading zeros, the first 0, 1 or 2, the second at most 39 below 0 and 1
 * (ITU-T X.660), at most 100 characters in all. Never throws.
 */
export function readRootPrefix(text: string): RootPrefix | Malformation {
  if (typeof text !== 'string') return malformation('not-text', 'prefix', 0, '5.2')
  if (text === '') return malformation('empty', 'prefix', 0, '5.2')
  if (text.length > ROOT_PREFIX_LENGTH_MAX) {
    return malformation('too-long', 'prefix', ROOT_PREFIX_LENGTH_MAX, '5.2')
  }
  let arcs = 0
  for (let start = 0; start <= text.length; arcs++) {
    let end = start
    while (end < text.length && valueOf(text.charCodeAt(end)) < 10) end++
    const ended = end === text.length || text.charCodeAt(end) === DOT
    if (!ended) return strayCharacter(text, end)
    if (end === start) return malformation('empty-segment', 'prefix', start, '5.2')
    if (end - start > 1 && text.charCodeAt(start) === ZERO)
      return malformation('leading-zero', 'prefix', start, '5.2')
    if (!isArcInRange(text, arcs, start, end)) return malformation('prefix-not-oid', 'prefix', start, '5.2')
    start = end + 1
  }
  if (arcs < 2) return malformation('segment-missing', 'prefix', text.length, '5.2')
  return text as RootPrefix
}

/** As {@link readRootPrefix}. @throws CodeSyntaxError */
export function parseRootPrefix(text: string): RootPrefix {
  const read = readRootPrefix(text)
  if (typeof read === 'string') return read
  throw new CodeSyntaxError(read, text)
}

/** Whether one prefix is the other or lies below it: two roots whose prefixes overlap would share codes (annex B c). */
export function prefixesOverlap(a: RootPrefix, b: RootPrefix): boolean {
  return a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`)
}

/** Orders root prefixes arc by arc, as numbers; a prefix comes before what lies below it. */
export function compareRootPrefixes(a: RootPrefix, b: RootPrefix): number {
  if (a === b) return 0
  const left = a.split('.')
  const right = b.split('.')
  for (const [i, arc] of left.entries()) {
    const other = right[i]
    if (other === undefined) return 1
    // Arcs have no leading zeros and no bound, so the longer one is the greater.
    if (arc !== other) return arc.length - other.length || (arc < other ? -1 : 1)
  }
  return -1
}

/** The longest prefix that the text begins with, as whole arcs. */
export function prefixOf(text: string, prefixes: readonly RootPrefix[]): RootPrefix | undefined {
  let longest: RootPrefix | undefined
  for (const prefix of prefixes) {
    const shared = sharedLength(text, prefix)
    if (shared < prefix.length || shared <= (longest?.length ?? 0)) continue
    if (shared === text.length || text.charCodeAt(shared) === DOT) longest = prefix
  }
  return longest
}

/** How many characters the text has in common with the start of the prefix. */
export function sharedLength(text: string, prefix: RootPrefix): number {
  const end = text.length < prefix.length ? text.length : prefix.length
  let shared = 0
  while (shared < end && text.charCodeAt(shared) === prefix.charCodeAt(shared)) shared++
  return shared
}

function strayCharacter(text: string, offset: number): Malformation {
  return malformation(isSpace(text.charCodeAt(offset)) ? 'space' : 'character', 'prefix', offset, '5.2')
}

function isArcInRange(text: string, index: number, start: number, end: number): boolean {
  if (index === 0) return end - start === 1 && text.charCodeAt(start) <= ZERO + 2
  if (index === 1 && text.charCodeAt(0) < ZERO + 2) return Number(text.slice(start, end)) <= SECOND_ARC_MAX
  return true
}
