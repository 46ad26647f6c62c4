import type { RootKeySetJws } from '@arc3088/records'
import type { Kysely, Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'

/** A key set as the database remembers it. Its signatures are for whoever reads it to verify. */
export interface StoredKeySet {
  readonly seq: number
  readonly hash: string
  /** The General JWS as JSON text. */
  readonly jws: string
}

/** Reads the key sets from a number on, oldest first. */
export async function readStoredKeySets(db: Kysely<RootTables>, fromSeq: number): Promise<StoredKeySet[]> {
  return await db
    .selectFrom('root_key_set')
    .select(['seq', 'hash', 'jws'])
    .where('seq', '>=', fromSeq)
    .orderBy('seq')
    .execute()
}

/** Keeps a key set for ever. */
export async function insertKeySet(
  tx: Transaction<RootTables>,
  set: { seq: number; hash: string; jws: RootKeySetJws; acceptedAt: Date },
): Promise<void> {
  await tx
    .insertInto('root_key_set')
    .values({ seq: set.seq, hash: set.hash, jws: JSON.stringify(set.jws), accepted_at: set.acceptedAt })
    .execute()
}
