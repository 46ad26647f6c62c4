import type { Explanation } from '../explanation.ts'
import type { MalformationReason } from '../malformation.ts'
import type { RootPrefix } from '../root-prefix.ts'
import type { SegmentName } from '../segment.ts'

/** The spellings of codes that the diagnosis can tell apart (docs/spec/identity-code.md, chapter 7). */
export type Dialect =
  | 'gbz185.2-2026'
  | 'acps-aic-v2.1'
  | 'acps-aic-v2.0'
  | 'acps-aic-v1.0'
  | 'zero-padded-8-levels'
  | 'alias'
  | 'urn-like'
  | 'digits-28'
  | 'unknown'

/** What a diagnosis finds besides the malformations of the strict reader. */
export type DiagnosisReason =
  | MalformationReason
  | 'more-than-one'
  | 'ambiguous-dialect'
  | 'version-unsupported'
  | 'provider-width-disputed'
  | 'code-prefix'
  | 'dialect-foreign'
  | 'check-undecidable'
  | 'check-mismatch'
  | 'check-too-large'
  | 'check-width'
  | 'check-zero-stripped'

/**
 * `error`: a rule of the dialect is broken. `open`: the standard leaves the point open, or it cannot be decided from the text.
 * `note`: worth knowing, nothing wrong.
 */
export type Severity = 'error' | 'open' | 'note'

/** What can be said of a text under a dialect. `undecided` names its cause among the problems. */
export type DialectVerdict = 'valid' | 'invalid' | 'undecided'

export interface DiagnosisProblem {
  readonly reason: DiagnosisReason
  readonly severity: Severity
  readonly segment: string
  readonly offset: number
  readonly clause: string
  readonly explain: Explanation
}

export interface SegmentReading {
  /** A segment of 5.1, or what a foreign dialect has in its place, such as `check`. */
  readonly segment: SegmentName | 'check' | 'manager' | 'year'
  readonly text: string
  /** UTF-16 index in the text of the reading. */
  readonly offset: number
  readonly clause: string
  readonly explain: Explanation
}

/** One way to understand the input. */
export interface Reading {
  readonly dialect: Dialect
  /** The text that was read: the input, or the input without what is no symbol at all (spaces, full-width forms, wrappers). */
  readonly text: string
  readonly verdict: DialectVerdict
  readonly segments: readonly SegmentReading[]
  readonly problems: readonly DiagnosisProblem[]
  /** The code of GB/Z 185.2 with the same numbers, where there is one. It is a proposal: the registry never rewrites an input. */
  readonly code: string | null
  /** What must be changed to come from the text to the code. */
  readonly changes: readonly Change[]
}

/** What was changed to come from the input to the suggestion. */
export type Change =
  | 'upper-cased'
  | 'unwrapped'
  | 'characters-normalised'
  | 'zeros-stripped'
  | 'check-dropped'
  | 'version-moved'
  | 'instance-zero-added'
  | 'alias-converted'
  | 'trailing-dot-dropped'

export interface Diagnosis {
  readonly input: string
  readonly dialect: Dialect | 'ambiguous'
  readonly ambiguous: boolean
  /** Whether the strict reader accepts the input as it stands. */
  readonly accepted: boolean
  readonly verdict: DialectVerdict
  readonly readings: readonly Reading[]
  readonly problems: readonly DiagnosisProblem[]
  /** The code that was likely meant, or null; equal to the input when that is canonical. */
  readonly suggestion: string | null
  readonly changes: readonly Change[]
}

export interface DiagnoseOptions {
  readonly prefixes?: readonly RootPrefix[]
  /** The salt of the provider that issued a code with a check segment, in hexadecimal. Never guessed. */
  readonly saltHex?: string
}

/** The verdict that follows from the problems of one reading. */
export function verdictOf(problems: readonly DiagnosisProblem[]): DialectVerdict {
  if (problems.some(({ severity }) => severity === 'error')) return 'invalid'
  return problems.some(({ severity }) => severity === 'open') ? 'undecided' : 'valid'
}
