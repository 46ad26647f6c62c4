import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * What makes two applications the same one, of those that came under an Idempotency-Key: SHA-256 over the hashes of key and
 * body. It stands with the dossier, and goes where that goes.
 */
export const requesterSubmissions: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table requester_dossier
        add column submission bytea,
        add constraint requester_dossier_submission_key unique (submission),
        add constraint requester_dossier_submission_length check (octet_length(submission) = 32)`.execute(db)
  },
}
