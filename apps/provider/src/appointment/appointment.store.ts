import type { Kysely } from 'kysely'

import type { ProviderTables } from '../db/tables.ts'
import { RootWord } from './root-word.ts'

/** The root's last word, as stored. */
export interface StoredWord {
  readonly word: RootWord
  readonly verifiedAt: Date
}

/** Reads the root's last word, or undefined before the first. */
export async function readWord(db: Kysely<ProviderTables>): Promise<StoredWord | undefined> {
  const row = await db.selectFrom('appointment').select(['evidence', 'verified_at']).executeTakeFirst()
  return row === undefined ? undefined : { word: RootWord.parse(row.evidence), verifiedAt: row.verified_at }
}

/** Stores a verified word. The code is fixed with the first one: another row, or another code, cannot be. */
export async function saveWord(
  db: Kysely<ProviderTables>,
  stored: StoredWord & { code: string },
): Promise<void> {
  const evidence = JSON.stringify(stored.word)
  await db
    .insertInto('appointment')
    .values({ code_prefix: stored.code, evidence, verified_at: stored.verifiedAt })
    .onConflict((conflict) =>
      conflict.column('only_one').doUpdateSet({ evidence, verified_at: stored.verifiedAt }),
    )
    .execute()
}
