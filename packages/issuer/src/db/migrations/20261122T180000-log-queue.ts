import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * What waits for the log: one row a transaction, with the entries of all its acts in order. It takes the place of
 * `outbox`, whose rows (one an act, without the entry) are moved here at the first start; see `adopt-earlier-acts`.
 * And the key of each requester, under which its codes stand in the log where they are not public.
 */
export const logQueue: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table log_queue (
        -- Whoever saw an act commit queues a later number, so that effects never stand before their causes.
        id bigint generated always as identity,
        entries text[] not null,
        queued_at timestamptz not null,
        constraint log_queue_pkey primary key (id),
        constraint log_queue_entries check (cardinality(entries) > 0)
      )`.execute(db)
    await sql`
      create table log_key (
        requester bigint not null,
        key bytea not null,
        constraint log_key_pkey primary key (requester),
        constraint log_key_length check (octet_length(key) = 32)
      )`.execute(db)
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert, delete on log_queue to %I', app);
        execute format('grant select, insert on log_key to %I', app);
        execute format('grant delete on outbox to %I', app);
      end $do$`.execute(db)
  },
}
