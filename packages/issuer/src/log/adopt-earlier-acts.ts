import { LOG_KEY_BYTES, readAssignmentRecord, subjectOf, type LogEntry } from '@arc3088/records'
import { numericDate, type Ambient } from '@arc3088/service'
import type { Kysely } from 'kysely'

import { lockNames } from '../assignment/assignment.store.ts'
import type { IssuerTables } from '../db/tables.ts'
import { readRequestersWithoutKey, takeEarlierActs, type EarlierAct } from './earlier-acts.store.ts'
import { isPublicName, type LogNamer, type NamedSubject } from './log-name.ts'
import { insertLogKeys, queueEntries } from './log-queue.store.ts'

const ACTS_AT_ONCE = 1000

/**
 * Queues for the log what was done before there was one, in the order in which it was done, and answers how much that
 * was. Organisations stand in it in clear, what is below them hidden, each requester under a key that it gets now: its
 * record commits to none. Any number of processes may try at once; a crash loses nothing and doubles nothing.
 */
export async function adoptEarlierActs(parts: {
  db: Kysely<IssuerTables>
  ambient: Ambient
  logNames: LogNamer
}): Promise<number> {
  const { db, ambient, logNames } = parts
  let adopted = 0
  for (;;) {
    const acts = await db.transaction().execute(async (tx) => {
      await lockNames(tx, ['adopt-earlier-acts'])
      const requesters = await readRequestersWithoutKey(tx, ACTS_AT_ONCE)
      await insertLogKeys(
        tx,
        requesters.map((requester) => ({ requester, key: ambient.randomBytes(LOG_KEY_BYTES) })),
      )
      if (requesters.length === ACTS_AT_ONCE) return undefined
      const taken = await takeEarlierActs(tx, ACTS_AT_ONCE)
      const subjects = taken.map(namedSubjectOf)
      const names = await logNames.namesOf(tx, subjects)
      const entries = taken.map((act, nth): LogEntry => {
        const h = Buffer.from(act.hash).toString('base64url')
        return { v: 1, t: act.type, c: names[nth] ?? unnamed(), h, i: numericDate(act.at) }
      })
      await queueEntries(tx, entries, ambient.now())
      ambient.reached('earlier-acts:queued')
      return taken.length
    })
    if (acts === 0) return adopted
    adopted += acts ?? 0
  }
}

/** A record says what it is about without anybody knowing the node's prefix yet, and whether it is of an organisation. */
function namedSubjectOf({ record }: EarlierAct): NamedSubject {
  const read = readAssignmentRecord(record)
  if (read.kind === 'rejected') throw new Error(`A stored record is not one: ${read.detail}`)
  const subject = subjectOf(read.claims)
  if (subject === undefined || subject.kind === 'opaque') {
    throw new Error(`${read.claims.sub} is not a code of ours`)
  }
  const { requester_kind: requesterKind } = read.claims.code_assignment
  return {
    subject,
    isPublic: isPublicName(subject.level, requesterKind === undefined ? {} : { requesterKind }),
  }
}

function unnamed(): never {
  throw new Error('A code was left without a name in the log')
}
