import type { StatusPlace } from '@arc3088/records'
import { sql, type Kysely, type Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'

/** An entry as stored; nothing of it is verified. */
export interface StoredEntry {
  readonly hash: string
  readonly seq: number
  readonly jws: string
}

/** Reads the entries of one provider after a number, in order. */
export async function readEntriesAfter(
  db: Kysely<RootTables>,
  provider: number,
  seq: number,
): Promise<StoredEntry[]> {
  return await db
    .selectFrom('provider_entry')
    .select(['hash', 'seq', 'jws'])
    .where('provider', '=', provider)
    .where('seq', '>', seq)
    .orderBy('seq')
    .orderBy('hash')
    .execute()
}

/** Adds an entry. */
export async function insertEntry(
  tx: Transaction<RootTables>,
  entry: StoredEntry & { provider: number; place: StatusPlace | undefined; at: Date },
): Promise<void> {
  const { hash, seq, jws, provider, place, at } = entry
  await tx
    .insertInto('provider_entry')
    .values({
      hash,
      provider,
      seq,
      jws,
      statement_status_list: place?.list ?? null,
      statement_status_index: place?.index ?? null,
      written_at: at,
    })
    .execute()
}

/** Every code that has a row, with the highest number among its entries; 0 where it has none. */
export async function readNewestEntries(db: Kysely<RootTables>): Promise<{ code: number; seq: number }[]> {
  return await db
    .selectFrom('provider')
    .leftJoin('provider_entry', 'provider_entry.provider', 'provider.code')
    .select(['provider.code', sql<number>`coalesce(max(provider_entry.seq), 0)`.as('seq')])
    .groupBy('provider.code')
    .orderBy('provider.code')
    .execute()
}

/** True where a row says that the code was assigned. */
export async function isProviderRow(db: Kysely<RootTables>, code: number): Promise<boolean> {
  const row = await db.selectFrom('provider').select('code').where('code', '=', code).executeTakeFirst()
  return row !== undefined
}

/** The code of the provider that an entity is or was, by a row: also by one that nobody noted as an entity. */
export async function readCodeOfEntity(
  db: Kysely<RootTables>,
  entityId: string,
): Promise<number | undefined> {
  const row = await db
    .selectFrom('provider_entity')
    .select('provider as code')
    .where('entity_id', '=', entityId)
    .union(db.selectFrom('provider').select('code').where('entity_id', '=', entityId))
    .executeTakeFirst()
  return row?.code
}

/** Notes that an entity is this provider from now on; it can never be another's. */
export async function insertEntity(
  tx: Transaction<RootTables>,
  entity: { entityId: string; provider: number; since: Date },
): Promise<void> {
  const { entityId, provider, since } = entity
  await tx.insertInto('provider_entity').values({ entity_id: entityId, provider, since }).execute()
}
