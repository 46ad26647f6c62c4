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
    const joined = await joinKeySets({ entityId }, given, await readStoredKeySets(db, 1))
    // A set that stands in the file alone is not in force yet.
    const inForce = joined.published.filter((_, nth) => joined.kept.has(joined.hashes[nth] ?? ''))
    if (inForce.length === 0) throw fault('no set is in force yet: start the root once')
    return await walkKeySets(inForce, entityId)
  } finally {
    await db.destroy()
  }
}
