import { EMPTY_ROOT, type Hash } from '@arc3088/tlog'
import { sql, type Kysely, type Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'

/** The tree as the database has it, and the term under which it may be written. */
export interface LogState {
  readonly origin: string
  readonly term: number
  readonly size: number
  readonly root: Hash
}

/** The two halves of the advisory lock that the leader's session holds; every process of the node uses the same. */
const LEADER_LOCK = [3088, 190] as const
/**
 * A leader asks for work ten times a second. One that has been silent for so long is paused, or out of reach: PostgreSQL
 * ends its session, and with it the lock.
 */
const SILENCE_MS_MAX = 5000

/** Takes the lock of the log for this session; false where another process has it. */
export async function tryLeaderLock(session: Kysely<IssuerTables>): Promise<boolean> {
  const { rows } = await sql<{ held: boolean }>`
    select pg_try_advisory_lock(${sql.lit(LEADER_LOCK[0])}, ${sql.lit(LEADER_LOCK[1])}) as held`.execute(
    session,
  )
  return rows[0]?.held === true
}

/**
 * Begins a term: from its commit on, whoever led before can write no more. Throws where the log has another origin,
 * since a log never changes its name.
 */
export async function beginTerm(session: Kysely<IssuerTables>, origin: string): Promise<LogState> {
  await sql`
    select set_config('idle_session_timeout', ${String(SILENCE_MS_MAX)}, false),
      set_config('idle_in_transaction_session_timeout', ${String(SILENCE_MS_MAX)}, false)`.execute(session)
  return await session.transaction().execute(async (tx) => {
    await tx
      .insertInto('log_state')
      .values({ origin, term: 0, size: 0, root: EMPTY_ROOT })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    const state = await tx
      .updateTable('log_state')
      .set((row) => ({ term: row('term', '+', 1) }))
      .returning(['origin', 'term', 'size', 'root'])
      .executeTakeFirstOrThrow()
    if (state.origin !== origin) throw new Error(`the log of this node is ${state.origin}, not ${origin}`)
    return state
  })
}

/** Gives the session back as it was: without the lock, without its settings. */
export async function endTerm(session: Kysely<IssuerTables>): Promise<void> {
  await sql`select pg_advisory_unlock_all()`.execute(session)
  await sql`reset idle_session_timeout`.execute(session)
  await sql`reset idle_in_transaction_session_timeout`.execute(session)
}

/** Reads the state and keeps every other leader from changing it until the transaction ends. */
export async function lockLogState(tx: Transaction<IssuerTables>): Promise<LogState> {
  return await tx
    .selectFrom('log_state')
    .select(['origin', 'term', 'size', 'root'])
    .forUpdate()
    .executeTakeFirstOrThrow()
}

/** Undefined where nobody has led this log yet. */
export async function readLogState(db: Kysely<IssuerTables>): Promise<LogState | undefined> {
  return await db.selectFrom('log_state').select(['origin', 'term', 'size', 'root']).executeTakeFirst()
}

/** Writes what the tree has become. */
export async function advanceLogState(
  tx: Transaction<IssuerTables>,
  { size, root }: { size: number; root: Hash },
): Promise<void> {
  await tx.updateTable('log_state').set({ size, root }).execute()
}
