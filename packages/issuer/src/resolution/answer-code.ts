import {
  isCodeUnderAnyRoot,
  isSupportedVersion,
  readSubject,
  type RootPrefix,
  type Subject,
} from '@arc3088/codec'
import { RegistryError } from '@arc3088/problems'
import {
  RESOLUTION_ANSWER_LIFETIME_SECONDS,
  signResolutionAnswer,
  statusName,
  type CompactJws,
  type ResolutionAnswer,
  type Signer,
} from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import type { Kysely } from 'kysely'

import { readStoredRecord, type StoredRecord } from '../assignment/assignment.store.ts'
import { codeKeyOf } from '../assignment/code-key.ts'
import type { IssuerTables } from '../db/tables.ts'

/** What a node needs to answer for its codes. */
export interface CodeAuthority {
  readonly db: Kysely<IssuerTables>
  readonly entityId: string
  readonly prefix: RootPrefix
  readonly signer: Signer
  /** True for the codes that this node assigned or could assign. */
  answersFor(subject: Subject): boolean
}

/** What is known here of a code that this node answers for. */
export type CodeAnswer =
  | { readonly kind: 'assigned'; readonly subject: Subject; readonly stored: StoredRecord }
  | { readonly kind: 'not-assigned'; readonly subject: Subject }

/**
 * Finds a code. Throws `code-malformed` (with reason, segment, offset and clause), `code-version-unsupported` or
 * `code-not-mine`; that a code was never assigned is an answer and not an error (wire-format W5).
 */
export async function answerCode(authority: CodeAuthority, text: string): Promise<CodeAnswer> {
  const subject = readOwnSubject(authority, text)
  const stored = await readStoredRecord(authority.db, codeKeyOf(subject))
  return stored === undefined ? { kind: 'not-assigned', subject } : { kind: 'assigned', subject, stored }
}

/** Reads a code that this node answers for, in any letter case. Throws as `answerCode` does; asks no database. */
export function readOwnSubject(
  authority: Pick<CodeAuthority, 'prefix' | 'answersFor'>,
  text: string,
): Subject {
  const subject = readSubject(text, { prefixes: [authority.prefix] })
  if (subject.kind === 'malformed') {
    const { reason, segment, offset, clause } = subject
    if (reason === 'prefix-unknown' && isCodeUnderAnyRoot(text)) {
      throw new RegistryError('code-not-mine', `This node answers below ${authority.prefix}`)
    }
    const detail = `${segment}: ${reason} at offset ${offset} (GB/Z 185.2 ${clause})`
    throw new RegistryError('code-malformed', detail, { extra: { reason, segment, offset, clause } })
  }
  if (!isSupportedVersion(subject.version)) {
    throw new RegistryError('code-version-unsupported', 'Only version 1 of the code structure is in force', {
      extra: { clause: '5.3' },
    })
  }
  if (!authority.answersFor(subject)) {
    throw new RegistryError('code-not-mine', `${subject.text} is assigned by another node`)
  }
  return subject
}

/** Signs what is so now: the record with its status, or that the code was never assigned. Lives two minutes. */
export async function signLiveAnswer(
  authority: CodeAuthority,
  answer: CodeAnswer,
  at: Date,
): Promise<CompactJws> {
  const iat = numericDate(at)
  const common = {
    iss: authority.entityId,
    iat,
    exp: iat + RESOLUTION_ANSWER_LIFETIME_SECONDS,
    sub: answer.subject.text,
    at: iat,
  }
  const claims: ResolutionAnswer =
    answer.kind === 'assigned'
      ? { ...common, result: 'assigned', assignment: answer.stored.jws, ...statusOf(answer.stored) }
      : { ...common, result: 'not_assigned' }
  return await signResolutionAnswer(authority.signer, claims)
}

function statusOf(stored: StoredRecord): Pick<ResolutionAnswer, 'status' | 'status_since'> {
  const status = statusName(stored.statusValue)
  if (status === undefined) throw new Error(`Status ${stored.statusValue} has no name`)
  return { status, status_since: numericDate(stored.statusSince ?? stored.issuedAt) }
}
