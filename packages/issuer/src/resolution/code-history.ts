import { RegistryError } from '@arc3088/problems'
import { recordHash, type AnswerTransition } from '@arc3088/records'
import { numericDate } from '@arc3088/service'

import { readPastChanges } from '../status/status-change.store.ts'
import { answerCode, type CodeAnswer, type CodeAuthority } from './answer-code.ts'
import { proveRecords } from './answering-log.ts'
import { proveTransitions } from './standing.ts'

/** A transition with its number, from 1, and the hash by which it stands in the log. */
export interface NumberedTransition extends AnswerTransition {
  readonly nth: number
  /** Null for a change from before this node kept its history, whose act is not known. */
  readonly hash: string | null
}

/** What became of a code: the acts of record, as anybody may see them; who did them and why stays with the desk. */
export interface CodeHistory {
  readonly code: string
  readonly assigned: { readonly hash: string; readonly at: number; readonly proof?: string }
  readonly transitions: readonly NumberedTransition[]
  /** The `after` of the next page, or null. */
  readonly next: number | null
}

/** Reads the history of a code, from transition `after` + 1 on. Throws as `answerCode` does, and `code-not-found`. */
export async function readCodeHistory(
  authority: CodeAuthority,
  text: string,
  page: { now: Date; after: number; limit: number },
): Promise<CodeHistory> {
  const { now, after, limit } = page
  const { subject, stored } = demandAssigned(await answerCode(authority, text, { now }))
  const changes = await readPastChanges(authority.db, stored.status, { after, limit })
  const transitions = await proveTransitions(authority.log, changes)
  const hash = await recordHash(stored.jws)
  const proof =
    authority.log === undefined ? undefined : (await proveRecords(authority.log, [stored.jws]))[hash]
  return {
    code: subject.text,
    assigned: { hash, at: numericDate(stored.issuedAt), ...(proof === undefined ? {} : { proof }) },
    transitions: changes.flatMap(({ nth, hash: digest }, place) => {
      const transition = transitions[place]
      const named = digest === null ? null : Buffer.from(digest).toString('base64url')
      return transition === undefined ? [] : [{ nth, ...transition, hash: named }]
    }),
    next: changes.length === limit ? after + limit : null,
  }
}

/** No checkpoint covers a record before the next is signed and witnessed, which takes a second or two. */
const PROOF_RETRY_SECONDS = 2

/**
 * The tlog-proof (C2SP) that the assignment of a code stands in the log of this node. Throws `log-proof-pending` while no
 * checkpoint covers it, and else as `readCodeHistory` does.
 */
export async function readAssignmentProof(
  authority: CodeAuthority,
  text: string,
  now: Date,
): Promise<string> {
  const { subject, stored } = demandAssigned(await answerCode(authority, text, { now }))
  const proofs = authority.log === undefined ? {} : await proveRecords(authority.log, [stored.jws])
  const proof = proofs[await recordHash(stored.jws)]
  if (proof !== undefined) return proof
  throw new RegistryError('log-proof-pending', `The log does not cover ${subject.text} yet`, {
    extra: { retry_after_seconds: PROOF_RETRY_SECONDS },
  })
}

function demandAssigned(answer: CodeAnswer): Extract<CodeAnswer, { kind: 'assigned' }> {
  if (answer.kind === 'assigned') return answer
  throw new RegistryError('code-not-found', `${answer.subject.text} was never assigned`)
}
