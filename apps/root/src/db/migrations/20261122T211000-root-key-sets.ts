import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The key sets that were ever in force (W1): what is memory of the node when the file it was given is an older one. */
export const rootKeySets: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table root_key_set (
        seq integer not null,
        hash text not null,
        jws text not null,
        accepted_at timestamptz not null,
        -- one number, one set
        constraint root_key_set_pkey primary key (seq),
        constraint root_key_set_hash_key unique (hash),
        constraint root_key_set_seq check (seq >= 1),
        constraint root_key_set_hash check (hash ~ '^[A-Za-z0-9_-]{43}$')
      )`.execute(db)
    await sql`
      create trigger root_key_set_append_only before update or delete on root_key_set
        for each row execute function refuse_change()`.execute(db)
    await sql`
      create trigger root_key_set_no_truncate before truncate on root_key_set
        for each statement execute function refuse_change()`.execute(db)
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert on root_key_set to %I', app);
      end $do$`.execute(db)
  },
}
