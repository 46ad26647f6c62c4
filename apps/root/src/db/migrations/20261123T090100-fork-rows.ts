import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * A row in the place of a proof keeps the proof from nobody: whoever writes to the database could put one there before. What
 * is kept once, the program sees to, which holds the agreement.
 */
export const forkRows: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table agreement_fork drop constraint agreement_fork_other_key`.execute(db)
    await sql`create index agreement_fork_other_idx on agreement_fork (agreement, other_hash)`.execute(db)
  },
}
