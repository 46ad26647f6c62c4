import { formatLogEntry, type LogEntry } from '@arc3088/records'
import { sql, type Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'

/**
 * Queues entries for the log and the feed, in the transaction of the acts that they are about: neither can exist
 * alone. Order between transactions is given by the leader that drains the queue, never here.
 */
export async function queueEntries(
  tx: Transaction<IssuerTables>,
  entries: readonly LogEntry[],
  queuedAt: Date,
): Promise<void> {
  if (entries.length === 0) return
  await sql`
    insert into log_queue (entries, queued_at)
    values (${entries.map(formatLogEntry)}::text[], ${queuedAt}::timestamptz)`.execute(tx)
}

/** Writes the log keys of requesters that have none yet; a key once written stays. */
export async function insertLogKeys(
  tx: Transaction<IssuerTables>,
  keys: readonly { requester: number; key: Uint8Array }[],
): Promise<void> {
  if (keys.length === 0) return
  await tx
    .insertInto('log_key')
    .values(keys.map(({ requester, key }) => ({ requester, key })))
    .onConflict((conflict) => conflict.column('requester').doNothing())
    .execute()
}
