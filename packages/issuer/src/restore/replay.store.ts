import { EMPTY_ROOT } from '@arc3088/tlog'
import type { LogEntry } from '@arc3088/records'
import { sql, type Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { lockLogState, type LogState } from '../log/log-leader.store.ts'

/** Locks the state of the log, making it first where the database is from before the log's first term. */
export async function lockOrMakeLogState(tx: Transaction<IssuerTables>, origin: string): Promise<LogState> {
  await tx
    .insertInto('log_state')
    .values({ origin, term: 0, size: 0, root: EMPTY_ROOT })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return await lockLogState(tx)
}

/** Ends the term of whoever leads, so that nothing it read before is written after. */
export async function endEveryTerm(tx: Transaction<IssuerTables>): Promise<void> {
  await tx
    .updateTable('log_state')
    .set((row) => ({ term: row('term', '+', 1) }))
    .execute()
}

/** Takes every row off the queue, in its order. */
export async function takeWholeQueue(tx: Transaction<IssuerTables>): Promise<readonly string[][]> {
  const rows = await tx.deleteFrom('log_queue').returning(['id', 'entries']).execute()
  return rows.toSorted((a, b) => a.id - b.id).map(({ entries }) => entries)
}

/**
 * Of these entries, those that say what this database does not know: changes of status, and steps in the lives of keys. Reads
 * every change of status once.
 */
export async function findUnknownActs(
  tx: Transaction<IssuerTables>,
  entries: readonly LogEntry[],
): Promise<LogEntry[]> {
  const acts = entries.filter(({ t }) => t === 'status' || t === 'endorse')
  if (acts.length === 0) return []
  const { rows } = await sql<{ h: string }>`
    with wanted as (select h, decode(h, 'hex') as hash from unnest(${acts.map(hexOf)}::text[]) as given (h))
    select h from wanted
    where hash in (select hash from status_change) or hash in (select hash from key_endorsement)`.execute(tx)
  const known = new Set(rows.map(({ h }) => h))
  return acts.filter((act) => !known.has(hexOf(act)))
}

function hexOf({ h }: LogEntry): string {
  return Buffer.from(h, 'base64url').toString('hex')
}
