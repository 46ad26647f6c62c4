import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { AuditEntry } from './audit-entry.ts'

/** Writes one entry, in the transaction of the act itself: an act without its entry cannot exist. */
export async function insertAuditEntry(tx: Kysely<IssuerTables>, entry: AuditEntry): Promise<void> {
  await tx
    .insertInto('audit_entry')
    .values({ ...entry, detail: JSON.stringify(entry.detail) })
    .execute()
}

/** Reads a page of the audit trail, newest first, optionally of one object. */
export async function readAuditEntries(
  db: Kysely<IssuerTables>,
  page: { object?: string; before?: string; limit: number },
): Promise<AuditEntry[]> {
  const rows = await db
    .selectFrom('audit_entry')
    .selectAll()
    .$if(page.object !== undefined, (query) => query.where('object', '=', page.object ?? ''))
    .$if(page.before !== undefined, (query) => query.where('id', '<', page.before ?? ''))
    .orderBy('id', 'desc')
    .limit(page.limit)
    .execute()
  return rows.map((row) => ({ ...row, detail: { ...row.detail } }))
}
