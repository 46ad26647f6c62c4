import { connect } from '@arc3088/db'

import type { RootTables } from '../db/tables.ts'
import { fault, walkKeySets, type RootKeySets } from './root-key-sets.ts'
import { joinKeySets } from './accept-key-sets.ts'
import { readStoredKeySets } from './root-key-set.store.ts'

/**
 * The key sets that the node has brought into force, as a command sees them that does not serve: the given ones only as
 * far as the database knows them. Throws ConfigError where none was yet.
 */
export async function readKeySetsInForce(
  databaseUrl: string,
  entityId: string,
  given: RootKeySets,
): Promise<RootKeySets> {
  const db = connect<RootTables>({
    url: databaseUrl,
    max: 1,
    applicationName: 'root-key-sets',
    onIdleError: () => undefined,
  })
  try {
    const stored = await readStoredKeySets(db, 1)
    const known = stored.at(-1)?.seq ?? 0
    if (known === 0) throw fault('no set is in force yet: start the root once')
    const joined = await joinKeySets({ entityId }, given, stored)
    return joined.newest.seq === known
      ? joined
      : await walkKeySets(joined.published.slice(0, known), entityId)
  } finally {
    await db.destroy()
  }
}
