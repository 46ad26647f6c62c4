import { extraFault } from '../fault.ts'
import { explainSegment } from '../explanation.ts'
import { type Malformation, malformation } from '../malformation.ts'
import { type NumberedSegment, SEGMENT_CLAUSE } from '../segment.ts'
import { formatSegment, readSegment } from '../segment-text.ts'
import {
  type Change,
  type Dialect,
  type DiagnosisProblem,
  type Reading,
  type SegmentReading,
  verdictOf,
} from './diagnosis.ts'
import { found, malformed } from './problem.ts'
import { CHECK_MAX, saltedCheck } from './salted-check.ts'

type Part = NumberedSegment | 'check'

/** What stands at each place after the prefix, by dialect. */
export const LAYOUT = {
  'gbz185.2-2026': ['version', 'provider', 'requester', 'ontology', 'instance'],
  'zero-padded-8-levels': ['version', 'provider', 'requester', 'ontology'],
  'acps-aic-v2.1': ['version', 'provider', 'requester', 'ontology', 'instance', 'check'],
  'acps-aic-v2.0': ['provider', 'requester', 'ontology', 'instance', 'version', 'check'],
} as const satisfies Readonly<Partial<Record<Dialect, readonly Part[]>>>

export type DottedDialect = keyof typeof LAYOUT

const CODE_ORDER = LAYOUT['gbz185.2-2026']
/** How wide v2.0 pads the provider and the requester. */
const PADDED_WIDTHS = [4, 5] as const

export interface DottedInput {
  readonly text: string
  readonly prefix: string
  readonly salt: readonly number[] | undefined
}

/** Reads a dotted text place by place under one dialect, and goes on after a fault, so that all of them are named. */
export function readDotted(dialect: DottedDialect, input: DottedInput): Reading {
  const { text, prefix } = input
  const segments: SegmentReading[] = [place('prefix', prefix, 0, '5.2')]
  const problems: DiagnosisProblem[] = []
  const numbers = new Map<Part, number>()
  const layout: readonly Part[] = LAYOUT[dialect]
  const parts = text === prefix ? [] : text.slice(prefix.length + 1).split('.')
  let at = prefix.length + 1
  for (const [i, part] of parts.entries()) {
    const segment = layout[i]
    if (segment === undefined) {
      segments.push(place('extra', part, at, '5.1'))
      problems.push(malformed(extraFault(text, at - 1)))
      at += part.length + 1
      continue
    }
    segments.push(place(segment, part, at, segment === 'check' ? '5.1' : SEGMENT_CLAUSE[segment]))
    if (segment === 'check') problems.push(...judgeCheck(dialect, part, at, input))
    else problems.push(...judgeNumber(dialect, segment, part, at, numbers))
    at += part.length + 1
  }
  const missing = layout[parts.length]
  if (missing !== undefined && missing !== 'check') {
    problems.push(malformed(malformation('segment-missing', missing, text.length, '5.1')))
  }
  if (dialect === 'zero-padded-8-levels') problems.push(found('dialect-foreign', 'code', 0))
  const code = codeOf(prefix, numbers, parts.length)
  const changes = code === null ? [] : changesTo(dialect, text, parts, problems)
  return { dialect, text, verdict: verdictOf(problems), segments, problems, code, changes }
}

function place(
  segment: SegmentReading['segment'],
  text: string,
  offset: number,
  clause: string,
): SegmentReading {
  const explain =
    segment === 'check'
      ? { zh: `校验段 ${text}（不属于 GB/Z 185.2）`, en: `a check segment, ${text} (not of GB/Z 185.2)` }
      : explainSegment(segment === 'manager' || segment === 'year' ? 'extra' : segment, text)
  return { segment, text, offset, clause, explain }
}

function judgeNumber(
  dialect: DottedDialect,
  segment: NumberedSegment,
  part: string,
  offset: number,
  numbers: Map<Part, number>,
): DiagnosisProblem[] {
  if (part === '') return [malformed(malformation('empty-segment', segment, offset, '5.1'))]
  const problems: DiagnosisProblem[] = []
  let read = readSegment(segment, part)
  let shift = 0
  if (typeof read !== 'number' && read.reason === 'leading-zero') {
    problems.push(malformed(moved(read, offset), dialect.startsWith('acps') ? 'note' : undefined))
    const stripped = part.replace(/^0+(?=.)/, '')
    shift = part.length - stripped.length
    read = readSegment(segment, stripped)
  }
  if (typeof read !== 'number') return [...problems, malformed(moved(read, offset + shift))]
  numbers.set(segment, read)
  if (segment === 'version' && read !== 1) problems.push(found('version-unsupported', segment, offset))
  if (segment === 'provider' && part.length === 6 && shift === 0) {
    const note = found('provider-width-disputed', segment, offset)
    problems.push(dialect.startsWith('acps') ? { ...note, severity: 'note' } : note)
  }
  return problems
}

function moved(fault: Malformation, by: number): Malformation {
  return malformation(fault.reason, fault.segment, fault.offset + by, fault.clause)
}

function judgeCheck(
  dialect: DottedDialect,
  part: string,
  offset: number,
  input: DottedInput,
): DiagnosisProblem[] {
  if (!/^[0-9A-Z]{4}$/i.test(part)) return [found('check-width', 'check', offset)]
  const given = part.toUpperCase()
  if (given > CHECK_MAX) return [found('check-too-large', 'check', offset)]
  if (input.salt === undefined) return [found('check-undecidable', 'check', offset)]
  const levels = input.text.slice(0, offset - 1)
  const expected = saltedCheck(levels, input.salt)
  if (expected === given) return []
  const mismatch = found('check-mismatch', 'check', offset, {
    zh: `应为 ${expected}`,
    en: `expected ${expected}`,
  })
  const padded = repadded(levels, input.prefix)
  const wasStripped =
    dialect === 'acps-aic-v2.0' && padded !== levels && saltedCheck(padded, input.salt) === given
  return wasStripped ? [mismatch, found('check-zero-stripped', 'check', offset)] : [mismatch]
}

/** The levels with the zeros that v2.0 puts before a short provider and requester. */
function repadded(levels: string, prefix: string): string {
  const parts = levels.slice(prefix.length + 1).split('.')
  return [prefix, ...parts.map((part, i) => part.padStart(PADDED_WIDTHS[i] ?? 0, '0'))].join('.')
}

/** The code with the same numbers. A text that stops after a well-formed ontology is taken to mean the ontology itself. */
function codeOf(prefix: string, numbers: ReadonlyMap<Part, number>, parts: number): string | null {
  const texts: string[] = []
  for (const segment of CODE_ORDER) {
    const number =
      numbers.get(segment) ?? (segment === 'instance' && parts === CODE_ORDER.length - 1 ? 0 : undefined)
    if (number === undefined) return null
    texts.push(formatSegment(number))
  }
  return [prefix, ...texts].join('.')
}

function changesTo(
  dialect: DottedDialect,
  text: string,
  parts: readonly string[],
  problems: readonly DiagnosisProblem[],
): Change[] {
  const changes: Change[] = []
  if (/[a-z]/.test(text)) changes.push('upper-cased')
  if (problems.some(({ reason }) => reason === 'leading-zero')) changes.push('zeros-stripped')
  if (dialect === 'acps-aic-v2.0') changes.push('version-moved')
  if (dialect.startsWith('acps')) changes.push('check-dropped')
  if (parts.length === CODE_ORDER.length - 1) changes.push('instance-zero-added')
  if (parts.length > LAYOUT[dialect].length && parts.at(-1) === '') changes.push('trailing-dot-dropped')
  return changes
}
