import { CODE_LENGTH_MAX, characterFault } from '../fault.ts'
import { malformation } from '../malformation.ts'
import { readCode, readSubject } from '../read-code.ts'
import { HOME_PREFIX, type RootPrefix } from '../root-prefix.ts'
import { DOT, NOT_A_SYMBOL, valueOf } from '../symbol.ts'
import { clean } from './cleaning.ts'
import type { DiagnoseOptions, Diagnosis, DiagnosisProblem, DialectVerdict, Reading } from './diagnosis.ts'
import { found, malformed } from './problem.ts'
import { readingsOf } from './readings.ts'
import { saltBytes } from './salted-check.ts'
import { secondCodeAt } from './second-code.ts'

/** How many stray characters are named one by one. */
const STRAYS_MAX = 8
/** How much of a text too long for a code is searched for a second one. */
const LIST_LENGTH_MAX = 4 * CODE_LENGTH_MAX

/**
 * Explains any text as an identity code: which dialect it is spelt in, what each segment means, what is wrong, what cannot be
 * decided and why, and which code was likely meant. Never throws for any text, and never changes the input silently: `changes`
 * names every step from the input to the suggestion. @throws RangeError when `saltHex` is not hexadecimal.
 */
export function diagnose(text: string, options: DiagnoseOptions = {}): Diagnosis {
  const prefixes = options.prefixes ?? [HOME_PREFIX]
  const salt = options.saltHex === undefined ? undefined : saltBytes(options.saltHex)
  const strict = readCode(text, { prefixes })
  if (typeof text !== 'string' || text === '' || text.length > CODE_LENGTH_MAX) {
    const problems = strict.kind === 'malformed' ? [malformed(strict)] : []
    return blank(String(text), [...severalIn(String(text).slice(0, LIST_LENGTH_MAX), prefixes), ...problems])
  }
  const several = severalIn(text, prefixes)
  if (several.length > 0) return blank(text, [...several, ...straysOf(text)])
  const cleaned = clean(text)
  // Symbols on both sides of white space are never read as one segment. Shapes without dots have groups, not segments.
  const unreadable = cleaned.joined && cleaned.text.includes('.')
  const readings = unreadable ? [] : readingsOf(cleaned.text, prefixes, salt)
  const problems = problemsOf(
    text,
    cleaned.text,
    readings,
    strict.kind === 'malformed' ? [malformed(strict)] : [],
  )
  if (readings.length === 0) return blank(text, problems)
  const ambiguous = readings.length > 1
  const [preferred] = ambiguous ? readings.filter(hasZeroStrippedCheck) : readings
  const code = preferred?.code ?? null
  const suggestion = code !== null && readSubject(code, { prefixes }).kind !== 'malformed' ? code : null
  return {
    input: text,
    dialect: ambiguous ? 'ambiguous' : (preferred?.dialect ?? 'unknown'),
    ambiguous,
    accepted: strict.kind === 'code',
    verdict: cleaned.text === text ? jointVerdict(readings) : 'invalid',
    readings,
    problems,
    suggestion,
    changes: suggestion === null || preferred === undefined ? [] : [...cleaned.changes, ...preferred.changes],
  }
}

function severalIn(text: string, prefixes: readonly RootPrefix[]): readonly DiagnosisProblem[] {
  const second = secondCodeAt(text, prefixes)
  return second === undefined ? [] : [found('more-than-one', 'code', second)]
}

function blank(input: string, problems: readonly DiagnosisProblem[]): Diagnosis {
  return {
    input,
    dialect: 'unknown',
    ambiguous: false,
    accepted: false,
    verdict: 'invalid',
    readings: [],
    problems,
    suggestion: null,
    changes: [],
  }
}

/** When a check tells that the zeros of a v2.0 code were stripped, that reading is the one that was meant. */
function hasZeroStrippedCheck(reading: Reading): boolean {
  return reading.problems.some(({ reason }) => reason === 'check-zero-stripped')
}

function jointVerdict(readings: readonly Reading[]): DialectVerdict {
  const verdicts = new Set(readings.map(({ verdict }) => verdict))
  const [only] = verdicts
  return verdicts.size === 1 && only !== undefined ? only : 'undecided'
}

/** All that is to be said of the input: offsets are those of the input, so readings of a cleaned text keep theirs to themselves. */
function problemsOf(
  text: string,
  cleaned: string,
  readings: readonly Reading[],
  strict: readonly DiagnosisProblem[],
): readonly DiagnosisProblem[] {
  const all =
    cleaned === text
      ? [...strict, ...readings.flatMap(({ problems }) => problems)]
      : [...strict, ...straysOf(text)]
  if (readings.length > 1) all.push(found('ambiguous-dialect', 'code', 0))
  const byPlace = new Map(all.toReversed().map((problem) => [`${problem.reason} ${problem.offset}`, problem]))
  return [...byPlace.values()].toReversed()
}

function straysOf(text: string): DiagnosisProblem[] {
  const strays: DiagnosisProblem[] = []
  for (let i = 0; i < text.length && strays.length < STRAYS_MAX; i++) {
    const c = text.charCodeAt(i)
    if (c !== DOT && valueOf(c) === NOT_A_SYMBOL) strays.push(malformed(characterFault(text, 'code', i)))
  }
  return strays.length > 0 ? strays : [malformed(malformation('character', 'code', 0, '5.1'))]
}
