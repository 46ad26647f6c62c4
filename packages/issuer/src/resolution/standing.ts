import {
  ANSWER_TRANSITIONS_MAX,
  statusName,
  type AnswerTransition,
  type ResolutionAnswer,
  type StatusName,
} from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import type { Kysely } from 'kysely'

import type { StoredRecord } from '../assignment/assignment.store.ts'
import type { IssuerTables } from '../db/tables.ts'
import { readChangesBefore, type PastChange } from '../status/status-change.store.ts'
import type { AnsweringLog } from './answering-log.ts'

/** What an answer says of the status of a code. */
export type Standing = Required<Pick<ResolutionAnswer, 'status' | 'status_since'>> &
  Pick<ResolutionAnswer, 'transitions' | 'transitions_before'>

/** The status as its entry has it now. */
export function presentStanding(stored: StoredRecord): Standing {
  return {
    status: nameOfStatus(stored.statusValue),
    status_since: numericDate(stored.statusSince ?? stored.issuedAt),
  }
}

/**
 * The status at an instant, in seconds, from the changes of the entry, which nobody can edit: the last of them up to
 * then, or valid since the assignment. With the newest transitions that led to it and their proofs.
 */
export async function pastStanding(
  parts: { db: Kysely<IssuerTables>; log?: AnsweringLog | undefined },
  stored: StoredRecord,
  at: number,
): Promise<Standing> {
  // A change of the second `at` counts, as it does by the `since` that is signed and logged.
  const before = new Date((at + 1) * 1000)
  const changes = await readChangesBefore(parts.db, stored.status, { before, limit: ANSWER_TRANSITIONS_MAX })
  const transitions = await proveTransitions(parts.log, changes)
  const last = transitions.at(-1)
  const earlier = (changes[0]?.nth ?? 1) - 1
  return {
    status: last?.status ?? 'valid',
    status_since: last?.since ?? numericDate(stored.issuedAt),
    transitions,
    ...(earlier === 0 ? {} : { transitions_before: earlier }),
  }
}

/** Changes as they are told to others, each with its proof where a checkpoint covers it. */
export async function proveTransitions(
  log: AnsweringLog | undefined,
  changes: readonly PastChange[],
): Promise<AnswerTransition[]> {
  const hashes = changes.flatMap(({ hash }) => (hash === null ? [] : [hash]))
  const found = log === undefined || hashes.length === 0 ? [] : await log.proofsOf(hashes, { type: 'status' })
  const proofs = new Map(hashes.map((hash, nth) => [hash, found[nth]]))
  return changes.map(({ status, at, hash }) => {
    const proof = hash === null ? undefined : proofs.get(hash)
    return {
      status: nameOfStatus(status),
      since: numericDate(at),
      ...(proof === undefined ? {} : { proof }),
    }
  })
}

function nameOfStatus(value: number): StatusName {
  const name = statusName(value)
  if (name === undefined) throw new Error(`Status ${value} has no name`)
  return name
}
