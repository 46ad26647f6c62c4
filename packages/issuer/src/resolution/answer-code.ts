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
  type CompactJws,
  type Signer,
} from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import type { Kysely } from 'kysely'

import { readStoredRecord, type StoredRecord } from '../assignment/assignment.store.ts'
import { codeKeyOf, type CodeKey } from '../assignment/code-key.ts'
import type { IssuerTables } from '../db/tables.ts'
import { readStanding, type AnsweringLog, type LogStanding } from './answering-log.ts'
import { pastStanding, presentStanding, type Standing } from './standing.ts'

/** What a node needs to answer for its codes. */
export interface CodeAuthority {
  readonly db: Kysely<IssuerTables>
  readonly entityId: string
  readonly prefix: RootPrefix
  readonly signer: Signer
  /** The log of this node; once it has one, every answer says where the log stands. */
  readonly log?: AnsweringLog | undefined
  /** True for the codes that this node assigned or could assign. */
  answersFor(subject: Subject): boolean
  /** The signed history of this node's former keys, for bundles with records that one of them signed (W6). */
  keyHistory?(): Promise<CompactJws>
  /** Holds a standing against what the node can prove of it, before it is signed; answers what may be said. */
  judgeStanding?(subject: Subject, said: { standing: Standing; at: number | undefined }): Promise<Standing>
  /** True for a code that was lost with a database: it may have been assigned, so nothing is signed about it. */
  isLost?(key: CodeKey): Promise<boolean>
}

/** When it is asked, and for which instant, in seconds, where that is not now. */
export interface Asked {
  readonly now: Date
  readonly at?: number | undefined
}

interface Answered {
  readonly subject: Subject
  readonly asked: Asked
  readonly log: LogStanding | undefined
}

/** What is known here of a code that this node answers for. */
export type CodeAnswer = Answered &
  (
    | { readonly kind: 'assigned'; readonly stored: StoredRecord; readonly standing: Standing }
    | { readonly kind: 'not-assigned' }
  )

/**
 * Finds a code, as it is now or was at an instant. Throws `code-malformed` (with reason, segment, offset and clause),
 * `code-version-unsupported`, `code-not-mine`, `record-lost` or `at-in-future`; that a code was not assigned is an answer
 * and not an error (wire-format W5).
 *
 * The log is asked before the ledger, and this order is what makes a negative answer safe to sign. Every entry below the
 * size of a head was queued by a transaction that had committed before the head was made; a ledger that is read after it
 * has all of them. So an entry below the `size` of a negative answer cannot come from an honest node and is proof of
 * misconduct. The other way round, an assignment between the two reads would make the node accuse itself. The ledger
 * must be the primary's for the same reason, and its answer no older than the question.
 */
export async function answerCode(authority: CodeAuthority, text: string, asked: Asked): Promise<CodeAnswer> {
  const subject = readOwnSubject(authority, text)
  const { at, now } = asked
  if (at !== undefined && at > numericDate(now)) {
    throw new RegistryError('at-in-future', `It is ${numericDate(now)}`, { extra: { now: numericDate(now) } })
  }
  const log = authority.log === undefined ? undefined : await readStanding(authority.log)
  const answered = { subject, asked, log }
  const key = codeKeyOf(subject)
  const stored = await readStoredRecord(authority.db, key)
  if (stored === undefined) {
    if ((await authority.isLost?.(key)) === true) {
      throw new RegistryError(
        'record-lost',
        `${subject.text} was lost with a database and is never given again`,
      )
    }
    return { ...answered, kind: 'not-assigned' }
  }
  if (at !== undefined && numericDate(stored.issuedAt) > at) return { ...answered, kind: 'not-assigned' }
  const standing = at === undefined ? presentStanding(stored) : await pastStanding(authority, stored, at)
  const judged = (await authority.judgeStanding?.(subject, { standing, at })) ?? standing
  return { ...answered, kind: 'assigned', stored, standing: judged }
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

/**
 * Signs an answer: the record with its status at the instant asked for, or that the code was not assigned then. Lives two
 * minutes, since what is not yet committed may still change what is known of an instant just past.
 */
export async function signLiveAnswer(authority: CodeAuthority, answer: CodeAnswer): Promise<CompactJws> {
  const { subject, asked, log } = answer
  const iat = numericDate(asked.now)
  const common = {
    iss: authority.entityId,
    iat,
    exp: iat + RESOLUTION_ANSWER_LIFETIME_SECONDS,
    sub: subject.text,
    at: asked.at ?? iat,
    ...(log === undefined ? {} : { log }),
  }
  return await signResolutionAnswer(
    authority.signer,
    answer.kind === 'assigned'
      ? { ...common, result: 'assigned', assignment: answer.stored.jws, ...answer.standing }
      : { ...common, result: 'not_assigned' },
  )
}
