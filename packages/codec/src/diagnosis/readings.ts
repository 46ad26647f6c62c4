import { readAlias, toAlias } from '../alias.ts'
import { explainSegment } from '../explanation.ts'
import { prefixFault } from '../fault.ts'
import { prefixOf, readRootPrefix, type RootPrefix } from '../root-prefix.ts'
import { MAX, SEGMENT_CLAUSE } from '../segment.ts'
import { type Reading, type SegmentReading, verdictOf } from './diagnosis.ts'
import { type DottedDialect, LAYOUT, readDotted } from './dotted-reading.ts'
import { found, malformed } from './problem.ts'
import { readAicV1, readForeign } from './undotted-reading.ts'

const CODE_PARTS = LAYOUT['gbz185.2-2026'].length
const CHECKED_PARTS = LAYOUT['acps-aic-v2.1'].length
/** Where v2.0 has its version. */
const V20_VERSION = 4
const ALIAS_SEGMENTS = ['version', 'provider', 'requester', 'ontology', 'instance'] as const

/** Every way to understand a text, none of them when it has no known shape. */
export function readingsOf(
  text: string,
  prefixes: readonly RootPrefix[],
  salt: readonly number[] | undefined,
): readonly Reading[] {
  const prefix = prefixOf(text, prefixes)
  if (prefix === undefined) return readingsWithoutPrefix(text, prefixes, salt)
  const alias = aliasReading(text, prefix, prefixes)
  if (alias !== undefined) return [alias]
  const dialects = dialectsOf(text === prefix ? [] : text.slice(prefix.length + 1).split('.'))
  return dialects.map((dialect) => withSubject(readDotted(dialect, { text, prefix, salt })))
}

/** v2.0 and v2.1 overlap, and no salt tells them apart: the check covers the same characters in both readings. */
function dialectsOf(parts: readonly string[]): readonly DottedDialect[] {
  if (parts.length === CODE_PARTS - 1 && parts.some((part) => /^0./.test(part)))
    return ['zero-padded-8-levels']
  const trailingDot = parts.length === CODE_PARTS + 1 && parts.at(-1) === ''
  if (parts.length < CHECKED_PARTS || trailingDot) return ['gbz185.2-2026']
  const versionFirst = isVersion(parts[0])
  const versionLater = isVersion(parts[V20_VERSION])
  if (versionFirst && versionLater) return ['acps-aic-v2.0', 'acps-aic-v2.1']
  return versionLater ? ['acps-aic-v2.0'] : ['acps-aic-v2.1']
}

function isVersion(part: string | undefined): boolean {
  return part !== undefined && /^[1-9A-Z]$/i.test(part)
}

/** A code prefix is well formed in itself, though it is the code of no agent. */
function withSubject(reading: Reading): Reading {
  const levels = reading.segments.length
  const isPrefix = reading.dialect === 'gbz185.2-2026' && (levels === 3 || levels === 4)
  if (!isPrefix || reading.problems.some(({ reason }) => reason !== 'segment-missing')) return reading
  return { ...reading, problems: [...reading.problems, found('code-prefix', 'code', 0)] }
}

function readingsWithoutPrefix(
  text: string,
  prefixes: readonly RootPrefix[],
  salt: readonly number[] | undefined,
): readonly Reading[] {
  const unknown = malformed(prefixFault(text, prefixes))
  if (/^[0-9A-Z]{32}$/i.test(text)) return [readAicV1(text)]
  if (/^\d{28}$/.test(text)) return [readForeign('digits-28', text, unknown)]
  if (/^[a-z][a-z0-9-]*:/i.test(text)) return [readForeign('urn-like', text, unknown)]
  const parts = text.split('.')
  const prefix = readRootPrefix(parts.slice(0, -CODE_PARTS).join('.'))
  if (typeof prefix !== 'string') return []
  const reading = readDotted('gbz185.2-2026', { text, prefix, salt })
  const problems = [unknown, ...reading.problems]
  // Without an agreement nothing is known of the codes below another prefix, so none is proposed.
  return [{ ...reading, problems, verdict: verdictOf(problems), code: null, changes: [] }]
}

/** A text with the marker arc and only decimal arcs after it is an alias, even when an arc is out of range. */
function aliasReading(
  text: string,
  prefix: RootPrefix,
  prefixes: readonly RootPrefix[],
): Reading | undefined {
  const arcs = text.slice(prefix.length + 1).split('.')
  const complete = arcs.length === 3 || arcs.length === 4 || arcs.length === ALIAS_SEGMENTS.length + 1
  if (arcs[0] !== '0' || !complete || !arcs.every((arc) => /^\d+$/.test(arc))) return undefined
  const subject = readAlias(text, { prefixes })
  const segments: SegmentReading[] = [
    { segment: 'prefix', text: prefix, offset: 0, clause: '5.2', explain: explainSegment('prefix', prefix) },
  ]
  let at = prefix.length + 3
  for (const [i, arc] of arcs.slice(1).entries()) {
    const segment = ALIAS_SEGMENTS[i] ?? 'extra'
    const number = Number(arc)
    const inRange = segment !== 'extra' && number <= MAX.instance
    const explain = explainSegment(segment, inRange ? number.toString(36).toUpperCase() : arc)
    segments.push({
      segment,
      text: arc,
      offset: at,
      clause: segment === 'extra' ? '5.1' : SEGMENT_CLAUSE[segment],
      explain,
    })
    at += arc.length + 1
  }
  if (subject.kind === 'malformed') {
    return {
      dialect: 'alias',
      text,
      verdict: 'invalid',
      segments,
      problems: [malformed(subject)],
      code: null,
      changes: [],
    }
  }
  if (toAlias(subject) !== text) throw new Error('an alias was read that is not written so')
  return {
    dialect: 'alias',
    text,
    verdict: 'valid',
    segments,
    problems: [],
    code: subject.text,
    changes: ['alias-converted'],
  }
}
