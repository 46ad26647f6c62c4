import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Each state of the directory that was shown: its number, and what makes the next one follow it (wire-format W10). */
export const directoryStates: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table directory_state (
        hash text not null,
        seq integer not null,
        -- the first page as it was signed when the state was new: what proves number, digest and predecessor
        jws text not null,
        made_at timestamptz not null,
        constraint directory_state_pkey primary key (hash),
        constraint directory_state_seq check (seq >= 1)
      )`.execute(db)
    await sql`create index directory_state_seq_idx on directory_state (seq desc)`.execute(db)
    await sql`
      create trigger directory_state_append_only before update or delete on directory_state
        for each row execute function refuse_change()`.execute(db)
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert on directory_state to %I', app);
      end $do$`.execute(db)
  },
}
