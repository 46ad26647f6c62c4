import { connect } from '@arc3088/db'
import { PROVIDER_ENTITY_TYPE, readSubordinateStatement, type LogMetadata } from '@arc3088/records'

import type { ProviderTables } from '../db/tables.ts'
import { readWord } from './appointment.store.ts'

/**
 * What the root's last word says of this provider's own log, as it is stored: what a command asks that does not serve.
 * Undefined while the root has said nothing, or knows no log.
 */
export async function readStoredLog(databaseUrl: string): Promise<LogMetadata | undefined> {
  const db = connect<ProviderTables>({
    url: databaseUrl,
    max: 1,
    applicationName: 'provider-log',
    onIdleError: () => undefined,
  })
  try {
    const stored = await readWord(db)
    const read = stored === undefined ? undefined : readSubordinateStatement(stored.word.statement)
    return read?.kind === 'read' ? read.claims.metadata[PROVIDER_ENTITY_TYPE].tlog : undefined
  } finally {
    await db.destroy()
  }
}
