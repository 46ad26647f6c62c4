import { STATUS, isHiddenLogName, statusTransitionHash } from '@arc3088/records'
import type { AnswerTransition } from '@arc3088/records'

import type { Authorities } from './authority.ts'
import type { Finding, Findings } from './findings.ts'
import { undecided } from './findings.ts'
import type { TrustedAnswer } from './live-answer.ts'
import type { ProofTools } from './log-proof.ts'
import { proofFault, proveEntry } from './log-proof.ts'
import type { TrustedLog } from './trusted-log.ts'
import { logOf } from './trusted-log.ts'

async function transitionFault(
  { status, since, proof }: AnswerTransition,
  { code, log, tools }: { code: string; log: TrustedLog | undefined; tools: ProofTools },
): Promise<Finding | undefined> {
  if (proof === undefined) return undefined
  if (log === undefined) return undecided('part-not-checked', 'the anchor names no log for its issuer', code)
  const proven = await proveEntry(proof, log, { tools, subject: code })
  if ('verdict' in proven) return proven
  const { t, c, h, i } = proven.entry
  const hash = await statusTransitionHash({ code, status: STATUS[status], since })
  const isOfThis = t === 'status' && h === hash && i === since && (c === code || isHiddenLogName(c))
  return isOfThis
    ? undefined
    : proofFault('entry-mismatch', `the entry is not of ${status} since ${since}`, code)
}

/** Verifies the proofs that an answer about the past carries for the changes of status it tells (W5). */
export async function verifyTransitions(
  { claims: { sub, transitions }, place }: TrustedAnswer,
  { authorities, tools, findings }: { authorities: Authorities; tools: ProofTools; findings: Findings },
): Promise<void> {
  if (transitions === undefined) return
  const log = logOf(place === 0 ? 'root' : 'provider', authorities)
  const outcomes = await Promise.all(
    transitions.map((transition) => transitionFault(transition, { code: sub, log, tools })),
  )
  const faults = outcomes.filter((fault) => fault !== undefined)
  for (const fault of faults) findings.fail('history', fault)
  if (faults.length === 0) findings.pass('history', `${transitions.length} changes of status told`)
}
