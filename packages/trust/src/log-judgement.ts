import type { NumericDate } from '@arc3088/records'

import type { Authorities } from './authority.ts'
import type { Clock } from './clock.ts'
import { timeFinding } from './clock.ts'
import type { Findings } from './findings.ts'
import { undecided } from './findings.ts'
import type { TrustedAnswer } from './live-answer.ts'
import { isLive } from './live-answer.ts'
import type { LogEvidence } from './log-evidence.ts'
import type { TrustedRecord } from './record-path.ts'
import { logOf } from './trusted-log.ts'

/**
 * How the records stand in their logs. `proved`: each whose log the anchor says is witnessed. `pending`: one is younger
 * than a minute, and a live answer vouches for it until its log's witnesses do. `not-required`: no log is witnessed.
 */
export type LogStanding = 'proved' | 'pending' | 'not-required'

/** A record younger than this may still be on its way into the log and to the witnesses (W8), in seconds. */
export const LOG_PENDING_SECONDS = 60

export interface LogJudgement {
  /** Absent where a proof is missing. */
  readonly standing?: LogStanding
  /** When a pending record must have its proof; infinite where none is pending. */
  readonly validUntil: NumericDate
}

/** A live answer by the record's own issuer, about it or about what stands below it. */
function vouches(
  answer: TrustedAnswer,
  { authority, claims, jws }: TrustedRecord,
  path: readonly string[],
): boolean {
  const place = path.indexOf(claims.sub)
  const isByIssuer = (answer.place === 0 ? 'root' : 'provider') === authority
  if (!isByIssuer || answer.claims.result !== 'assigned' || place < 0 || place > answer.place) return false
  return place < answer.place || answer.claims.assignment === jws
}

/** Judges which records need a proof, have one, or may still wait for it. */
export function judgeLog(
  records: readonly TrustedRecord[],
  {
    authorities,
    log: { proven },
    answer,
    path,
  }: {
    authorities: Authorities
    log: LogEvidence
    answer: TrustedAnswer | undefined
    path: readonly string[]
  },
  { clock, findings }: { clock: Clock; findings: Findings },
): LogJudgement {
  const vouching = answer !== undefined && isLive(answer, clock) ? answer : undefined
  let pending: NumericDate = Number.POSITIVE_INFINITY
  let demanded = 0
  let missing = 0
  for (const record of records) {
    const { sub, iat } = record.claims
    const proof = proven.get(record.jws)
    if (proof?.witnessedAt !== undefined) {
      const fault = timeFinding({ iat: proof.witnessedAt }, clock, `log proof of ${sub}`)
      if (fault !== undefined) findings.fail('log', fault)
    }
    const log = logOf(record.authority, authorities)
    if (log === undefined || log.quorum === 0) continue
    demanded += 1
    if (proof !== undefined) continue
    if (vouching !== undefined && clock.at - iat < LOG_PENDING_SECONDS && vouches(vouching, record, path)) {
      pending = Math.min(pending, vouching.claims.exp, iat + LOG_PENDING_SECONDS - 1)
    } else {
      missing += 1
      findings.fail('log', undecided('log-proof-missing', `not proved to stand in ${log.origin}`, sub))
    }
  }
  if (missing > 0) return { validUntil: pending }
  const standing = demanded === 0 ? 'not-required' : pending < Number.POSITIVE_INFINITY ? 'pending' : 'proved'
  findings.pass('log', describeStanding(standing, demanded))
  return { standing, validUntil: pending }
}

function describeStanding(standing: LogStanding, demanded: number): string {
  switch (standing) {
    case 'proved':
      return `proved: ${demanded} of ${demanded}`
    case 'pending':
      return 'pending: the record is younger than a minute, and a live answer vouches for it'
    case 'not-required':
      return 'not required: the anchor names no witnessed log'
  }
}
