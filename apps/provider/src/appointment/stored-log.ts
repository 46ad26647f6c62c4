import { connect } from '@arc3088/db'
import {
  PROVIDER_ENTITY_TYPE,
  readSubordinateStatement,
  type LogMetadata,
  type SubordinateStatement,
} from '@arc3088/records'

import type { ProviderTables } from '../db/tables.ts'
import { readWord } from './appointment.store.ts'

/** The root's statement in its last word, as it is stored: what is asked before a node serves, or by a command. */
async function readStoredStatement(databaseUrl: string): Promise<SubordinateStatement | undefined> {
  const db = connect<ProviderTables>({
    url: databaseUrl,
    max: 1,
    applicationName: 'provider-log',
    onIdleError: () => undefined,
  })
  try {
    const stored = await readWord(db)
    const read = stored === undefined ? undefined : readSubordinateStatement(stored.word.statement)
    return read?.kind === 'read' ? read.claims : undefined
  } finally {
    await db.destroy()
  }
}

/** What the root's last word says of this provider's own log. Undefined while it has said nothing, or knows no log. */
export async function readStoredLog(databaseUrl: string): Promise<LogMetadata | undefined> {
  return (await readStoredStatement(databaseUrl))?.metadata[PROVIDER_ENTITY_TYPE].tlog
}

/**
 * The entity that the code of this database was given to, whoever serves it now (W2): what the statement is about never
 * changes, and journal, log and status lists keep its name. Undefined while the root has said nothing.
 */
export async function readFounder(databaseUrl: string): Promise<string | undefined> {
  return (await readStoredStatement(databaseUrl))?.sub
}
