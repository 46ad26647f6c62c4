import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** A number that somebody wrote down without a decision must not keep the set that was decided from being written. */
export const officerSetByHash: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table officer_set
        drop constraint officer_set_pkey,
        drop constraint officer_set_hash_key,
        add constraint officer_set_pkey primary key (hash)`.execute(db)
  },
}
