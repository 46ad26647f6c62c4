import { valueOf } from '../symbol.ts'
import { type DiagnosisProblem, type Reading, type SegmentReading, verdictOf } from './diagnosis.ts'
import { found } from './problem.ts'

/** ACPs AIC v1.0: places and widths of its 32 symbols. */
const V1_LAYOUT = [
  ['version', 1, '版本', 'version'],
  ['manager', 4, '管理方', 'manager'],
  ['provider', 5, '服务方', 'provider'],
  ['year', 3, '年份', 'year'],
  ['ontology', 9, '本体序列号', 'ontology serial'],
  ['instance', 8, '实例序列号', 'instance serial'],
  ['check', 2, '校验', 'check'],
] as const

const V1_BODY = 30

/** Reads 32 symbols without dots as ACPs AIC v1.0, whose check needs no secret: 98 - (the first 30 as base 36, times 100, mod 97). */
export function readAicV1(text: string): Reading {
  const segments: SegmentReading[] = []
  let at = 0
  for (const [segment, width, zh, en] of V1_LAYOUT) {
    const part = text.slice(at, at + width)
    segments.push({
      segment,
      text: part,
      offset: at,
      clause: '5.1',
      explain: { zh: `${zh} ${part}`, en: `${en} ${part}` },
    })
    at += width
  }
  const expected = v1Check(text)
  const problems: DiagnosisProblem[] = []
  if (text.slice(V1_BODY) !== expected) {
    const detail = { zh: `应为 ${expected}`, en: `expected ${expected}` }
    problems.push(found('check-mismatch', 'check', V1_BODY, detail))
  }
  return {
    dialect: 'acps-aic-v1.0',
    text,
    verdict: verdictOf(problems),
    segments,
    problems,
    code: null,
    changes: [],
  }
}

function v1Check(text: string): string {
  let remainder = 0
  for (let i = 0; i < V1_BODY; i++) remainder = (remainder * 36 + valueOf(text.charCodeAt(i))) % 97
  return String(98 - ((remainder * 100) % 97)).padStart(2, '0')
}

/** A text with a shape that is known, and that has nothing in common with the structure of 5.1. */
export function readForeign(
  dialect: 'urn-like' | 'digits-28',
  text: string,
  unknown: DiagnosisProblem,
): Reading {
  const problems = [found('dialect-foreign', 'code', 0), unknown]
  return { dialect, text, verdict: 'invalid', segments: [], problems, code: null, changes: [] }
}
