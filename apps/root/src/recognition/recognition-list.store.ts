import type { Kysely, Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'

/** A list as it was last issued under its number; nothing of it is trusted for standing here. */
export interface StoredList {
  readonly seq: number
  readonly content: string
  readonly hash: string
  readonly jws: string
}

/** Reads the lists with the highest numbers up to one, highest first. */
export async function readNewestLists(
  db: Kysely<RootTables>,
  { upTo, limit }: { upTo: number; limit: number },
): Promise<StoredList[]> {
  return await db
    .selectFrom('recognition_list')
    .select(['seq', 'content', 'hash', 'jws'])
    .where('seq', '<=', upTo)
    .orderBy('seq', 'desc')
    .limit(limit)
    .execute()
}

/** Keeps a list under a new number, or the newest issue of one that says the same. */
export async function writeList(
  tx: Transaction<RootTables>,
  list: StoredList,
  issuedAt: Date,
): Promise<void> {
  const { hash, jws } = list
  await tx
    .insertInto('recognition_list')
    .values({ ...list, issued_at: issuedAt })
    .onConflict((conflict) => conflict.column('seq').doUpdateSet({ hash, jws, issued_at: issuedAt }))
    .execute()
}
