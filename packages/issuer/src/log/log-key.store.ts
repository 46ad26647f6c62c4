import { sql, type Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'

/** The key that hides the codes of a requester in the log (W8). */
export interface LogKeyRow {
  readonly requester: number
  readonly key: Uint8Array
  /** False while the row is the asking transaction's own: if that fails, the requester gets another key. */
  readonly isSettled: boolean
}

/** Reads the log keys of requesters, and whether each can be relied on after this transaction. */
export async function readLogKeyRows(
  db: Kysely<IssuerTables>,
  requesters: readonly number[],
): Promise<LogKeyRow[]> {
  if (requesters.length === 0) return []
  const { rows } = await sql<LogKeyRow>`
    select requester, key, xmin is distinct from pg_current_xact_id_if_assigned()::xid as "isSettled"
    from log_key where requester = any(${requesters}::bigint[])`.execute(db)
  return rows
}
