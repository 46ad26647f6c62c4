import { connect } from '@arc3088/db'
import type { StatusIndex } from '@arc3088/issuer'

import type { RootTables } from '../db/tables.ts'
import { readStatementStatuses } from './provider.store.ts'

/** The places in status lists that the statements about providers use, as a command reads them that does not serve. */
export async function readStatementPlaces(databaseUrl: string): Promise<readonly StatusIndex[]> {
  const db = connect<RootTables>({
    url: databaseUrl,
    max: 1,
    applicationName: 'root-statements',
    onIdleError: () => undefined,
  })
  try {
    return await readStatementStatuses(db)
  } finally {
    await db.destroy()
  }
}
