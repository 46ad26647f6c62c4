import type { Log } from '@arc3088/service'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { beginTerm, endTerm, tryLeaderLock } from './log-leader.store.ts'

/** Whose turn it is to write the log, and the session that says so. */
export interface Leadership {
  /** Holds the lock; whatever is written to the log is written by it. */
  readonly session: Kysely<IssuerTables>
  readonly term: number
  /** Entries that the stored tree had when the term began. */
  readonly size: number
}

/**
 * Leads while `work` runs, if nobody else does: false where another process has the lock. Only one process can hold the
 * lock, and only the newest term can write: a session that PostgreSQL took for dead, and that wakes, finds both gone.
 */
export async function leadWhile(
  { db, log, origin }: { db: Kysely<IssuerTables>; log: Log; origin: string },
  work: (leadership: Leadership) => Promise<void>,
): Promise<boolean> {
  return await db.connection().execute(async (session) => {
    if (!(await tryLeaderLock(session))) return false
    try {
      const { term, size } = await beginTerm(session, origin)
      log.debug({ 'log.term': term }, 'this process leads the log')
      await work({ session, term, size })
    } finally {
      // Where the session is broken there is nothing to give back: its lock went with it.
      await endTerm(session).catch((error: unknown) =>
        log.debug({ err: error }, 'the leader lost its session'),
      )
    }
    return true
  })
}
