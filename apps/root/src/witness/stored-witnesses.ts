import { connect } from '@arc3088/db'
import type { WitnessAddress } from '@arc3088/issuer'

import type { RootTables } from '../db/tables.ts'
import { readLogOwners } from '../providers/provider.store.ts'
import { readWitnesses } from './witnessing.ts'

/** Who witnesses this root's log, as far as its own database knows: what a command asks that does not serve. */
export async function readStoredWitnesses(databaseUrl: string): Promise<readonly WitnessAddress[]> {
  const db = connect<RootTables>({
    url: databaseUrl,
    max: 1,
    applicationName: 'root-witnesses',
    onIdleError: () => undefined,
  })
  try {
    return await readWitnesses((limit) => readLogOwners(db, limit))
  } finally {
    await db.destroy()
  }
}
