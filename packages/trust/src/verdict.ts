/**
 * Every answer to "is this code good" (architecture §6), worst first: of several findings the earlier decides. What was
 * tampered with comes before what is old or missing, and both before what a sound bundle says.
 */
export const VERDICTS = [
  'malformed',
  'unsupported-version',
  'signature-invalid',
  'chain-invalid',
  'not-recognised',
  'stale',
  'indeterminate',
  'not-assigned',
  'revoked',
  'recalled',
  'recognition-suspended',
  'provider-suspended',
  'requester-suspended',
  'suspended',
  'provider-retired',
  'retired',
  'expired',
  'recognised-historically',
  'superseded',
  'valid',
] as const

export type Verdict = (typeof VERDICTS)[number]

const RANK: ReadonlyMap<Verdict, number> = new Map(VERDICTS.map((verdict, rank) => [verdict, rank]))

/** Below 0 when `a` is worse than `b`. The two integrity verdicts weigh the same: the first found decides. */
export function compareVerdicts(a: Verdict, b: Verdict): number {
  if (isIntegrityFailure(a) && isIntegrityFailure(b)) return 0
  return (RANK.get(a) ?? 0) - (RANK.get(b) ?? 0)
}

/** Something signed was changed, or does not hang together. Age and absence never hide it. */
export function isIntegrityFailure(verdict: Verdict): boolean {
  return verdict === 'signature-invalid' || verdict === 'chain-invalid'
}

/** The code may be relied on; `superseded` is advice. */
export function isGood(verdict: Verdict): boolean {
  return verdict === 'valid' || verdict === 'superseded'
}

/** The evidence does not suffice to say; asking again may. */
export function couldNotTell(verdict: Verdict): boolean {
  return verdict === 'stale' || verdict === 'indeterminate'
}

/** Exit code of the command line: 0 good, 1 not good, 2 could not tell. */
export function exitCodeOf(verdict: Verdict): 0 | 1 | 2 {
  if (isGood(verdict)) return 0
  return couldNotTell(verdict) ? 2 : 1
}
