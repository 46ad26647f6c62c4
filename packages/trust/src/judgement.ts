import type { Subject } from '@arc3088/codec'
import type { NumericDate } from '@arc3088/records'
import { PROVIDER_ENTITY_TYPE } from '@arc3088/records'

import { judgeKeySetTimes } from './anchor.ts'
import type { Clock } from './clock.ts'
import { timeFinding } from './clock.ts'
import type { Findings } from './findings.ts'
import { undecided } from './findings.ts'
import type { Evidence } from './integrity.ts'
import type { TrustedAnswer } from './live-answer.ts'
import { answerTimeFinding } from './live-answer.ts'
import type { LogStanding } from './log-judgement.ts'
import { judgeLog } from './log-judgement.ts'
import type { StatusEntry } from './status-evidence.ts'
import { judgeProviderState, judgeStatuses, stateAt } from './status-judgement.ts'

/** Dates, after all signatures: a changed byte is never mistaken for age. Answers the earliest expiry. */
function judgeTimes(evidence: Evidence, clock: Clock, findings: Findings): NumericDate {
  const { chain, keySet, histories, records, answer, tokens } = evidence
  judgeKeySetTimes(keySet, clock, findings)
  const dated: readonly (readonly [string, { iat: number; exp?: number } | undefined])[] = [
    ['root configuration', chain.root?.claims],
    ['root statement', chain.statement?.claims],
    ['provider configuration', chain.leaf?.claims],
    ...histories.map((history) => [`key history of ${history.entityId}`, history] as const),
    ...tokens.map((token) => [token.sub, token] as const),
    ...records.map(({ claims }) => [claims.sub, { iat: claims.iat }] as const),
  ]
  let validUntil = keySet.claims.exp
  for (const [subject, times] of dated) {
    if (times === undefined) continue
    const { iat, exp } = times
    const finding = timeFinding(exp === undefined ? { iat } : { iat, exp }, clock, subject)
    if (finding !== undefined) findings.fail('time', finding)
    if (exp !== undefined) validUntil = Math.min(validUntil, exp)
  }
  for (const { claims } of records) {
    if (claims.exp === undefined) continue
    if ((clock.asOf ?? clock.at) > claims.exp) {
      const detail = `the assignment ended at ${claims.exp}`
      findings.fail('time', { verdict: 'expired', code: 'record-expired', detail, subject: claims.sub })
    } else if (clock.asOf === undefined) {
      validUntil = Math.min(validUntil, claims.exp)
    }
  }
  if (answer !== undefined && (answer.claims.result === 'not_assigned' || clock.asOf !== undefined))
    validUntil = Math.min(validUntil, answer.claims.exp)
  return validUntil
}

/** The live answer's say: a negative decides, a newer status of the code asked about counts as its list entry would. */
function judgeAnswer(
  answer: TrustedAnswer,
  asked: Subject,
  { clock, findings, isNegativeHeard }: { clock: Clock; findings: Findings; isNegativeHeard: boolean },
): void {
  const { claims } = answer
  const fault = answerTimeFinding(answer, clock)
  const isNegative = claims.result === 'not_assigned'
  if (fault !== undefined) {
    // A positive answer about now is never required, so one that ran out is merely of no use.
    if (isNegative || fault.verdict !== 'stale' || clock.asOf !== undefined) findings.fail('answer', fault)
    return
  }
  if (isNegative && !isNegativeHeard) return
  if (isNegative) {
    const detail = `${claims.iss} says so, for ${claims.at}`
    findings.advise({ verdict: 'not-assigned', code: 'not-assigned', detail, subject: claims.sub })
  } else if (claims.status !== undefined && claims.sub === asked.text) {
    const said = { of: asked.level, subject: claims.sub, status: claims.status }
    for (const finding of judgeStatuses([said], asked.text)) findings.advise(finding)
  }
}

/**
 * The entries that count. Lists say what is now; of a past instant the answer speaks, for the very code asked about, and
 * where the root's statement says what the provider was then, that takes the place of what lists say of its state now. A
 * list's word on anything else above the code counts even then: it errs on the side of refusing.
 */
function statusesOf(
  entries: readonly StatusEntry[],
  { asked, isStateTold }: { asked: string; isStateTold: boolean },
  { asOf }: Clock,
): readonly StatusEntry[] {
  if (asOf === undefined) return entries
  const isOfState = ({ of, status }: StatusEntry) =>
    (of === 'statement' || of === 'provider') && (status === 'suspended' || status === 'retired')
  return entries.filter(
    (entry) => (entry.of === 'statement' || entry.subject !== asked) && !(isStateTold && isOfState(entry)),
  )
}

/** What judging sound evidence answers besides its findings. */
export interface Judgement {
  /** The earliest expiry of what the verdict rests on. */
  readonly validUntil: NumericDate
  /** Absent where a required proof is missing. */
  readonly log?: LogStanding
}

/**
 * Judges sound evidence: dates, log, statuses, the provider's state, the live answer. That a code was not assigned counts
 * for nothing where its root is not one that is recognised (`isNegativeHeard`): nobody here takes its word.
 */
export function judgeEvidence(
  evidence: Evidence,
  path: readonly Subject[],
  {
    clock,
    findings,
    isNegativeHeard = true,
  }: { clock: Clock; findings: Findings; isNegativeHeard?: boolean },
): Judgement {
  const { authorities, entries, answer, records, log } = evidence
  const [subject] = path.slice(-1)
  const expiry = judgeTimes(evidence, clock, findings)
  const { standing, validUntil } = judgeLog(
    records,
    { authorities, log, answer, path: path.map((each) => each.text) },
    { clock, findings },
  )
  const asked = subject?.text ?? ''
  const statement = authorities.grant?.statement
  const appointment = statement?.metadata[PROVIDER_ENTITY_TYPE]
  const told =
    statement === undefined || clock.asOf === undefined ? undefined : stateAt(statement, clock.asOf)
  const counted = statusesOf(entries, { asked, isStateTold: told !== undefined }, clock)
  for (const finding of judgeStatuses(counted, asked)) findings.advise(finding)
  const state =
    appointment === undefined ? undefined : judgeProviderState(appointment, told ?? appointment.state)
  if (state !== undefined) findings.advise(state)
  if (answer !== undefined && subject !== undefined)
    judgeAnswer(answer, subject, { clock, findings, isNegativeHeard })
  const isAnswered = answer?.claims.result === 'not_assigned' || answer?.claims.sub === asked
  if (clock.asOf !== undefined && !isAnswered) {
    findings.fail('answer', undecided('part-missing', `no answer for ${clock.asOf}`, asked))
  }
  return {
    validUntil: Math.min(expiry, validUntil),
    ...(standing === undefined ? {} : { log: standing }),
  }
}
