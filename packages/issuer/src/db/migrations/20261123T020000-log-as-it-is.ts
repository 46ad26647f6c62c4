import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * Tiles, bundles and queued entries are stored as they are. Hashes cannot be compressed, and entries are mostly hashes in
 * base64: a quarter was saved for a third of the time that a drain took, and a stretch of a bundle could not be read
 * without the rest. Rows that are there stay as they are.
 */
export const logAsItIs: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table log_tile alter column data set storage external`.execute(db)
    await sql`alter table log_queue alter column entries set storage external`.execute(db)
  },
}
