import type { RootKeySetJws } from '@arc3088/records'
import type { Kysely } from 'kysely'

import type { RootTables } from '../db/tables.ts'

/** A key set of another root as it was fetched. */
export interface FetchedKeySet {
  readonly hash: string
  readonly seq: number
  readonly jws: RootKeySetJws
}

/** Reads what was fetched of a root's succession, by number; nothing of it is trusted for standing here. */
export async function readKeySets(db: Kysely<RootTables>, entityId: string): Promise<FetchedKeySet[]> {
  return await db
    .selectFrom('foreign_root_key_set')
    .select(['hash', 'seq', 'jws'])
    .where('entity_id', '=', entityId)
    .orderBy('seq')
    .orderBy('hash')
    .execute()
}

/** Keeps a key set; the same again changes nothing. */
export async function insertKeySet(
  db: Kysely<RootTables>,
  entityId: string,
  set: FetchedKeySet,
  fetchedAt: Date,
): Promise<void> {
  await db
    .insertInto('foreign_root_key_set')
    .values({
      entity_id: entityId,
      hash: set.hash,
      seq: set.seq,
      jws: JSON.stringify(set.jws),
      fetched_at: fetchedAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Reads the configuration of a root as it was last fetched. */
export async function readConfiguration(
  db: Kysely<RootTables>,
  entityId: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('foreign_root_configuration')
    .select('jws')
    .where('entity_id', '=', entityId)
    .executeTakeFirst()
  return row?.jws
}

/** Keeps the newest configuration of a root. */
export async function writeConfiguration(
  db: Kysely<RootTables>,
  entityId: string,
  jws: string,
  fetchedAt: Date,
): Promise<void> {
  await db
    .insertInto('foreign_root_configuration')
    .values({ entity_id: entityId, jws, fetched_at: fetchedAt })
    .onConflict((conflict) => conflict.column('entity_id').doUpdateSet({ jws, fetched_at: fetchedAt }))
    .execute()
}
