import type { Kysely, Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'

/** A list as it was first issued under its number; nothing of it is trusted for standing here. */
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

/** Reads what was signed last under a number, where it was signed again. */
export async function readIssue(db: Kysely<RootTables>, seq: number): Promise<string | undefined> {
  const row = await db
    .selectFrom('recognition_list_issue')
    .select('jws')
    .where('seq', '=', seq)
    .executeTakeFirst()
  return row?.jws
}

/** Keeps a list under a new number, for ever. */
export async function insertList(
  tx: Transaction<RootTables>,
  list: StoredList,
  issuedAt: Date,
): Promise<void> {
  await tx
    .insertInto('recognition_list')
    .values({ ...list, issued_at: issuedAt })
    .execute()
}

/** Keeps what was signed again under a number, in place of what was before. */
export async function writeIssue(
  tx: Transaction<RootTables>,
  { seq, jws }: Pick<StoredList, 'seq' | 'jws'>,
  issuedAt: Date,
): Promise<void> {
  await tx
    .insertInto('recognition_list_issue')
    .values({ seq, jws, issued_at: issuedAt })
    .onConflict((conflict) => conflict.column('seq').doUpdateSet({ jws, issued_at: issuedAt }))
    .execute()
}
