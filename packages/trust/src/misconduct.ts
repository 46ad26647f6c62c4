import type { Subject } from '@arc3088/codec'

import type { Authorities } from './authority.ts'
import type { Finding } from './findings.ts'
import { broken } from './findings.ts'
import type { TrustedAnswer } from './live-answer.ts'
import type { LogEvidence } from './log-evidence.ts'
import type { ProvenEntry } from './proven-entry.ts'
import type { TrustedRecord } from './record-path.ts'

/**
 * Two documents that one node signed and that cannot both be true. Whoever holds them can show them to anybody: they
 * need no further witness.
 */
export interface Misconduct {
  /** `negative-contradicted`: denied a code that stood in the log. `log-forked`: two trees of one size. */
  readonly kind: 'negative-contradicted' | 'log-forked'
  /** The live answer, verbatim. */
  readonly answer: string
  /** The log proof, verbatim. */
  readonly proof: string
  /** The record that the proof is of, verbatim, where it is here. */
  readonly record?: string
}

/** What the answer and the rest of the evidence have against each other. */
export interface Contradiction {
  readonly finding: Finding
  readonly misconduct?: Misconduct
}

/** What an answer is held against. */
export interface AnswerContext {
  readonly path: readonly Subject[]
  readonly authorities: Authorities
  /** The sound records of the bundle. */
  readonly records: readonly TrustedRecord[]
  readonly log: LogEvidence
}

/** The proofs under the log of the node that answered. */
function proofsOf(
  { place }: TrustedAnswer,
  { records, log: { proven, ofDenied } }: AnswerContext,
): readonly { proof: ProvenEntry; record?: TrustedRecord }[] {
  const authority = place === 0 ? 'root' : 'provider'
  const own = records
    .filter((record) => record.authority === authority)
    .flatMap((record) => {
      const proof = proven.get(record.jws)
      return proof === undefined ? [] : [{ proof, record }]
    })
  return ofDenied === undefined ? own : [...own, { proof: ofDenied }]
}

function contradictingProof(answer: TrustedAnswer, context: AnswerContext): Contradiction | undefined {
  const { claims, jws } = answer
  const { log, sub, at, result } = claims
  if (log === undefined) return undefined
  for (const { proof, record } of proofsOf(answer, context)) {
    if (proof.origin !== log.origin) continue
    const documents = {
      answer: jws,
      proof: proof.proof,
      ...(record === undefined ? {} : { record: record.jws }),
    }
    if (proof.size === log.size && proof.root !== log.root) {
      const detail = `${claims.iss} answers with another tree of ${log.size} than its log's witnesses saw`
      return { finding: broken('log-forked', detail, sub), misconduct: { kind: 'log-forked', ...documents } }
    }
    const isOfDenied = record === undefined || record.claims.sub === sub
    if (result === 'not_assigned' && isOfDenied && proof.index < log.size && proof.entry.i <= at) {
      const detail = `${claims.iss} denies it, and its own log has it as entry ${proof.index} of ${log.size}`
      return {
        finding: broken('negative-contradicted', detail, sub),
        misconduct: { kind: 'negative-contradicted', ...documents },
      }
    }
  }
  return undefined
}

function contradictingRecord(
  { claims, place }: TrustedAnswer,
  { path, authorities, records }: AnswerContext,
): boolean {
  if (claims.result === 'assigned') {
    const supplied = records.find((record) => record.claims.sub === claims.sub)
    return supplied !== undefined && supplied.jws !== claims.assignment
  }
  // What was assigned after the instant answered for was not assigned then.
  const below = path.slice(place).map((each) => each.text as string)
  const isOlder = records.some(
    (record) => below.includes(record.claims.sub) && record.claims.iat <= claims.at,
  )
  // A root that has a statement about a provider has assigned its code, at some time before now.
  return isOlder || (place === 0 && authorities.grant !== undefined && claims.at === claims.iat)
}

/** The answer against records and log proofs (W5): a node that denies what it signed and logged is caught by its own hand. */
export function contradictionOf(answer: TrustedAnswer, context: AnswerContext): Contradiction | undefined {
  const proved = contradictingProof(answer, context)
  if (proved !== undefined) return proved
  if (!contradictingRecord(answer, context)) return undefined
  const { result, sub } = answer.claims
  return { finding: broken('answer-contradicted', `${result}, but the records say otherwise`, sub) }
}
