import type { Subject } from '@arc3088/codec'
import { formatSegment } from '@arc3088/codec'
import type { NumericDate, RecognitionState } from '@arc3088/records'

import type { LinkStanding } from './agreement-state.ts'
import { foldAgreement, linkBetween } from './agreement-state.ts'
import { judgeKeySetTimes } from './anchor.ts'
import type { AssessedRecognition } from './assessment.ts'
import type { Clock } from './clock.ts'
import { timeFinding } from './clock.ts'
import type { Finding, Findings } from './findings.ts'
import { undecided } from './findings.ts'
import type { Evidence } from './integrity.ts'
import {
  RECOGNITION_LIST_AGE_SECONDS_MAX,
  type Recognition,
  type RecognitionPolicy,
} from './recognition-basis.ts'
import { scopeFault } from './recognition-guards.ts'

/** How a recognised root stands at one instant: by the list and by the agreement, of which the more restrictive counts. */
type Now =
  | { readonly kind: 'in-force' | 'suspended'; readonly since: NumericDate }
  | {
      readonly kind: 'ended'
      readonly as: RecognitionState
      readonly since: NumericDate
      readonly hasHistory: boolean
    }
  | { readonly kind: 'not-yet'; readonly since: NumericDate }

const RESTRICTIVE: readonly Now['kind'][] = ['not-yet', 'ended', 'suspended', 'in-force']

function byAgreement({ state, since, wasInForce }: LinkStanding): Now {
  switch (state) {
    case 'countersigned':
      return { kind: 'not-yet', since }
    case 'in-force':
    case 'suspended':
      return { kind: state, since }
    case 'terminated':
    case 'expired':
    case 'superseded':
      return { kind: 'ended', as: state, since, hasHistory: wasInForce }
  }
}

/** What the list says of an instant: nothing of those before the state that it states began. */
function byList({ entry }: Recognition, at: NumericDate): Now | undefined {
  const { state, state_since: since, valid_until: until } = entry
  if (since <= at && state !== 'in-force' && state !== 'suspended')
    return { kind: 'ended', as: state, since, hasHistory: true }
  if (at > until) return { kind: 'ended', as: 'expired', since: until + 1, hasHistory: true }
  return since <= at ? { kind: state === 'suspended' ? 'suspended' : 'in-force', since } : undefined
}

function worse(a: Now, b: Now | undefined): Now {
  if (b === undefined) return a
  if (a.kind === 'ended' && b.kind === 'ended') {
    const [earlier, later] = a.since <= b.since ? [a, b] : [b, a]
    return { ...earlier, hasHistory: earlier.hasHistory && later.hasHistory }
  }
  return RESTRICTIVE.indexOf(a.kind) <= RESTRICTIVE.indexOf(b.kind) ? a : b
}

function standingAt(recognition: Recognition, at: NumericDate): Now {
  const { terms, events, home, entry } = recognition
  const link = linkBetween(foldAgreement(terms, events, at), home.claims.iss, entry.trust_anchor)
  const agreed: Now = link === undefined ? { kind: 'not-yet', since: terms.iat } : byAgreement(link)
  return worse(agreed, byList(recognition, at))
}

/** Dates that make the list tell nothing. */
export function listFinding(
  { list }: Pick<Recognition, 'list'>,
  { maxAgeSeconds = RECOGNITION_LIST_AGE_SECONDS_MAX, minSeq = 0 }: RecognitionPolicy,
  clock: Clock,
): Finding | undefined {
  const { iss: subject, iat, exp, seq } = list
  const stale = (code: 'list-too-old' | 'list-rolled-back', detail: string) =>
    ({ verdict: 'stale', code, detail, subject }) as const
  if (seq < minSeq) return stale('list-rolled-back', `list ${seq}, where ${minSeq} was seen before`)
  const age = clock.at - iat
  return (
    timeFinding({ iat, exp }, clock, 'recognition list') ??
    (age > maxAgeSeconds ? stale('list-too-old', `${age} s old, at most ${maxAgeSeconds} s`) : undefined)
  )
}

/** When each record was seen to exist, and whether by the witnesses of its log or by its own word alone. */
function issuedBefore(end: NumericDate, { records, log, answer }: Evidence): 'proved' | 'stated' | 'after' {
  // What is said not to be there was never recognised.
  if (answer?.claims.result === 'not_assigned') return 'after'
  const times = records.map(({ claims, jws }) => ({
    iat: claims.iat,
    seen: log.proven.get(jws)?.witnessedAt,
  }))
  if (times.some(({ iat }) => iat >= end)) return 'after'
  return times.every(({ seen }) => seen !== undefined && seen < end) ? 'proved' : 'stated'
}

/**
 * A code whose recognition has ended. It was recognised if it is older than the end. A proof by the witnesses of its log
 * from before the end shows that; without one the record's own date says it, and the reasons tell that it is no more
 * than the word of a root that is recognised no longer. The verdict is never a good one.
 */
function endedFindings(
  { as, since, hasHistory }: Extract<Now, { kind: 'ended' }>,
  subject: Subject,
  evidence: Evidence,
): readonly Finding[] {
  const detail = `the recognition is ${as} since ${since}`
  const issued = issuedBefore(since, evidence)
  if (!hasHistory || issued === 'after') {
    return [{ verdict: 'not-recognised', code: 'recognition-ended', detail, subject: subject.text }]
  }
  const verdict = 'recognised-historically'
  const ended = { verdict, code: 'recognition-ended', detail, subject: subject.text } as const
  if (issued === 'proved') return [ended]
  const why = 'that the code is older stands in its records alone, no witness saw it before the end'
  return [ended, { verdict, code: 'recognition-time-unproved', detail: why, subject: subject.text }]
}

function standingFindings(now: Now, subject: Subject, evidence: Evidence): readonly Finding[] {
  switch (now.kind) {
    case 'in-force':
      return []
    case 'suspended': {
      const detail = `the recognition is suspended since ${now.since}`
      return [
        { verdict: 'recognition-suspended', code: 'recognition-suspended', detail, subject: subject.text },
      ]
    }
    case 'ended':
      return endedFindings(now, subject, evidence)
    case 'not-yet': {
      const detail = 'the agreement is not in force yet'
      return [{ verdict: 'not-recognised', code: 'recognition-not-yet', detail, subject: subject.text }]
    }
  }
}

/**
 * How the root stands for the question asked. Of a past instant both count, how it stood then and how it stands now: its
 * documents are of now, and what is not trusted now is no witness of the past.
 */
function standingFor(recognition: Recognition, { at, asOf = at }: Clock): Now {
  const now = standingAt(recognition, at)
  return asOf === at ? now : worse(standingAt(recognition, asOf), now)
}

/** Whether the root's word counts for the question asked: that there is no such code, among other things. */
export function isInForce(recognition: Recognition, clock: Clock): boolean {
  return standingFor(recognition, clock).kind === 'in-force'
}

/** An entry says in force, and no event here activates it: something was left out. */
function isActivationMissing(recognition: Recognition, clock: Clock): boolean {
  const { terms, events, home, entry } = recognition
  const link = linkBetween(foldAgreement(terms, events, clock.at), home.claims.iss, entry.trust_anchor)
  return link?.state === 'countersigned' && clock.at >= terms.nbf
}

function judgeTokenAges(
  { tokens }: Evidence,
  longest: number,
  clock: Clock,
  findings: Findings,
): NumericDate {
  let until: NumericDate = Number.POSITIVE_INFINITY
  for (const { sub, iat } of tokens) {
    const age = clock.at - iat
    if (age > longest) {
      const detail = `${age} s old, the agreement allows ${longest} s`
      findings.fail('time', { verdict: 'stale', code: 'status-too-old', detail, subject: sub })
    }
    until = Math.min(until, iat + longest)
  }
  return until
}

/** Until when the standing can be relied on: the list's times, and the next thing that is known to happen. */
function reliableUntil(
  { list, entry, home, events }: Recognition,
  { maxAgeSeconds = RECOGNITION_LIST_AGE_SECONDS_MAX }: RecognitionPolicy,
  { at }: Clock,
): NumericDate {
  const known = [list.exp, list.iat + maxAgeSeconds, home.claims.exp]
  const ahead = [entry.valid_until, ...events.map((event) => event.effective - 1)].filter((end) => end >= at)
  return Math.min(...known, ...ahead)
}

/** What judging a recognition answers besides its findings. */
export interface RecognitionJudgement {
  readonly validUntil: NumericDate
  readonly recognition: AssessedRecognition
}

/** Judges under what the code counts here: the list's age, the scope, and how agreement and list say that the root stands. */
export function judgeRecognition(
  { recognition, subject, evidence }: { recognition: Recognition; subject: Subject; evidence: Evidence },
  { policy, clock, findings }: { policy: RecognitionPolicy; clock: Clock; findings: Findings },
): RecognitionJudgement {
  const { list, entry, terms, home } = recognition
  judgeKeySetTimes(home, clock, findings)
  const now = standingFor(recognition, clock)
  const state = now.kind === 'ended' ? now.as : now.kind
  const longest = Math.min(terms.constraints.max_status_ttl, entry.constraints.max_status_ttl)
  const until = judgeTokenAges(evidence, longest, clock, findings)
  const judgement = {
    validUntil: Math.min(until, reliableUntil(recognition, policy, clock)),
    recognition: {
      trust_anchor: entry.trust_anchor,
      territory: entry.territory,
      agreement: { ...entry.agreement },
      state: state === 'not-yet' ? ('countersigned' as const) : state,
      since: now.since,
      list: { iss: list.iss, seq: list.seq, age: clock.at - list.iat },
    },
  }
  const unfit = listFinding(recognition, policy, clock)
  if (unfit !== undefined) {
    // An old list says nothing of now, neither for nor against.
    findings.fail('recognition list', unfit)
    return judgement
  }
  findings.pass('recognition list', `list ${list.seq} of ${list.iss}, ${clock.at - list.iat} s old`)
  if (isActivationMissing(recognition, clock)) {
    const detail = 'the events that activate the agreement are missing'
    findings.fail('recognition', undecided('part-missing', detail, entry.agreement.uri))
    return judgement
  }
  const found = [...scopeFindings(recognition, subject), ...standingFindings(now, subject, evidence)]
  for (const finding of found) findings.fail('recognition', finding)
  if (found.length === 0) {
    findings.pass('recognition', `${entry.trust_anchor} is recognised since ${now.since}, ${terms.jti}`)
  }
  return judgement
}

function scopeFindings({ terms }: Recognition, subject: Subject): readonly Finding[] {
  const fault = scopeFault(terms.scope, { level: subject.level, version: formatSegment(subject.version) })
  if (fault === undefined) return []
  const detail = `the agreement does not cover it: ${fault}`
  return [{ verdict: 'not-recognised', code: 'recognition-out-of-scope', detail, subject: subject.text }]
}
