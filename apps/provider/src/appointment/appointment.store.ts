import type { Kysely } from 'kysely'

import type { ProviderTables } from '../db/tables.ts'
import { RootWord } from './root-word.ts'

/** The root's last word, as stored, and the code prefix that it gave: this node's for ever. */
export interface StoredWord {
  readonly code: string
  readonly word: RootWord
  readonly verifiedAt: Date
}

/** Reads the root's last word, or undefined before the first. */
export async function readWord(db: Kysely<ProviderTables>): Promise<StoredWord | undefined> {
  const row = await db
    .selectFrom('appointment')
    .select(['code_prefix', 'evidence', 'verified_at'])
    .executeTakeFirst()
  if (row === undefined) return undefined
  return { code: row.code_prefix, word: RootWord.parse(row.evidence), verifiedAt: row.verified_at }
}

/** Stores a verified word. The code is fixed with the first one: throws for another, and changes nothing then. */
export async function saveWord(db: Kysely<ProviderTables>, stored: StoredWord): Promise<void> {
  const evidence = JSON.stringify(stored.word)
  const saved = await db
    .insertInto('appointment')
    .values({ code_prefix: stored.code, evidence, verified_at: stored.verifiedAt })
    .onConflict((conflict) =>
      conflict
        .column('only_one')
        .doUpdateSet({ evidence, verified_at: stored.verifiedAt })
        .whereRef('appointment.code_prefix', '=', 'excluded.code_prefix'),
    )
    .returning('code_prefix')
    .executeTakeFirst()
  if (saved === undefined) {
    throw new Error(`The database holds another code than ${stored.code}, and a code is for ever`)
  }
}
