import { EMPTY_ROOT } from '@arc3088/tlog'
import type { Transaction } from 'kysely'

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
