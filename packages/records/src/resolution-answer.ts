import { z } from 'zod'

import { Base64urlSha256, EntityId, Line, NumericDate, SubjectText } from './claims.ts'
import { TYP } from './media-type.ts'
import { defineDocument } from './signed-document.ts'
import { STATUS } from './status-list.ts'
import type { StatusName } from './status-list.ts'
import type { Rejected } from './verification.ts'
import { rejected } from './verification.ts'

/** Lifetime of a live answer (W5). */
export const RESOLUTION_ANSWER_LIFETIME_SECONDS = 120

function isStatusName(text: string): text is StatusName {
  return Object.hasOwn(STATUS, text)
}

/** The name of a status, as live answers carry it. */
export const StatusWord = z.string().refine(isStatusName, { error: 'not a status' })

/** Largest answer read: a record, and transitions with their proofs. */
export const RESOLUTION_ANSWER_BYTES_MAX = 262_144
/** Most transitions that an answer about the past carries: the newest. */
export const ANSWER_TRANSITIONS_MAX = 16
const PROOF_LENGTH_MAX = 8192

/** A change of status, and its proof of inclusion in the log of the node (C2SP tlog-proof text), where there is one. */
export const AnswerTransition = z.object({
  status: StatusWord,
  since: NumericDate,
  proof: z.string().min(1).max(PROOF_LENGTH_MAX).exactOptional(),
})
export type AnswerTransition = z.infer<typeof AnswerTransition>

const VersionedHash = z.object({ version: z.int().min(1), hash: Base64urlSha256 })

/**
 * A live answer of an issuing node (W5): whether `sub` was assigned at the instant `at`. Signed with an issuing key,
 * it is the only negative that is trusted.
 */
export const ResolutionAnswer = z.object({
  iss: EntityId,
  iat: NumericDate,
  exp: NumericDate,
  sub: SubjectText,
  /** The instant answered for; equals `iat` unless another was asked. */
  at: NumericDate,
  result: z.enum(['assigned', 'not_assigned']),
  /** The assignment record, verbatim; with result `assigned` only. */
  assignment: z.string().min(1).exactOptional(),
  status: StatusWord.exactOptional(),
  status_since: NumericDate.exactOptional(),
  /** The changes of status up to `at`, oldest first; in an answer about the past only. */
  transitions: z.array(AnswerTransition).max(ANSWER_TRANSITIONS_MAX).exactOptional(),
  /** How many changes came before the first of `transitions`, where they are too many for an answer. */
  transitions_before: z.int().min(1).exactOptional(),
  key: VersionedHash.exactOptional(),
  description: VersionedHash.exactOptional(),
  /** Mandatory once the node has a log (W8). */
  log: z.object({ origin: Line, size: z.int().min(0), root: Base64urlSha256 }).exactOptional(),
  aud: EntityId.exactOptional(),
})
export type ResolutionAnswer = z.infer<typeof ResolutionAnswer>

function fault(answer: ResolutionAnswer): Rejected | undefined {
  if (answer.exp <= answer.iat) return rejected('claims-invalid', 'exp is not after iat')
  const assigned = answer.result === 'assigned'
  if (assigned !== (answer.assignment !== undefined) || assigned !== (answer.status !== undefined)) {
    return rejected('claims-invalid', 'assignment and status stand with result assigned, and only there')
  }
  return transitionsFault(answer)
}

/** What is told of the past must lead to the status that is told: otherwise an answer contradicts itself. */
function transitionsFault({
  at,
  status,
  status_since: statusSince,
  transitions,
}: ResolutionAnswer): Rejected | undefined {
  if (transitions === undefined) return undefined
  if (status === undefined) return rejected('claims-invalid', 'a code without assignment has no transitions')
  const isOrdered = transitions.every(({ since }, nth) => since >= (transitions[nth - 1]?.since ?? 0))
  const last = transitions.at(-1)
  if (!isOrdered || (last?.since ?? 0) > at)
    return rejected('claims-invalid', 'transitions run in time, none after at')
  if (last === undefined ? status !== 'valid' : last.status !== status || last.since !== statusSince)
    return rejected('claims-invalid', 'status is what the last transition says, or valid')
  return undefined
}

const document = defineDocument({
  typ: TYP.resolutionAnswer,
  schema: ResolutionAnswer,
  bytesMax: RESOLUTION_ANSWER_BYTES_MAX,
  fault,
})
export const signResolutionAnswer = document.sign
export const readResolutionAnswer = document.read
export const verifyResolutionAnswer = document.verify
