import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** A row that no root key signed must not stand in the way of the set that was signed: which one counts, signatures say. */
export const rootKeySetRows: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table root_key_set
        drop constraint root_key_set_pkey,
        drop constraint root_key_set_hash_key,
        add constraint root_key_set_pkey primary key (hash)`.execute(db)
    await sql`create index root_key_set_seq_index on root_key_set (seq)`.execute(db)
  },
}
