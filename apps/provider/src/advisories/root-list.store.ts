import type { Kysely, Transaction } from 'kysely'

import type { ProviderTables } from '../db/tables.ts'
import type { RootListName } from './advisory.tables.ts'

/** The last list of a name that was taken. */
export interface TakenList {
  readonly seq: number
  readonly digest: string
  readonly content: object
  readonly takenAt: Date
}

/** Reads the last list of a name. */
export async function readTakenList(
  db: Kysely<ProviderTables>,
  name: RootListName,
): Promise<TakenList | undefined> {
  const row = await db.selectFrom('root_list').selectAll().where('name', '=', name).executeTakeFirst()
  return row === undefined
    ? undefined
    : { seq: row.seq, digest: row.digest, content: row.content, takenAt: row.taken_at }
}

/** Writes the newest list of a name; the database refuses an older one. */
export async function saveTakenList(
  tx: Transaction<ProviderTables>,
  name: RootListName,
  { seq, digest, content, takenAt }: TakenList,
): Promise<void> {
  const change = { seq, digest, content: JSON.stringify(content), taken_at: takenAt }
  await tx
    .insertInto('root_list')
    .values({ name, ...change })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(change))
    .execute()
}
