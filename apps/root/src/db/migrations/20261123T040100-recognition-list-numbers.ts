import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * A number of the recognition list stands for one content, for ever: its row is not changed any more. What is signed again
 * under the same number, every minute, stands beside it and is worth no more than its signature.
 */
export const recognitionListNumbers: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table recognition_list_issue (
        seq integer not null,
        jws text not null,
        issued_at timestamptz not null,
        constraint recognition_list_issue_pkey primary key (seq)
      )`.execute(db)
    await sql`
      create trigger recognition_list_append_only before update or delete on recognition_list
        for each row execute function refuse_change()`.execute(db)
    await sql`
      create trigger recognition_list_no_truncate before truncate on recognition_list
        for each statement execute function refuse_change()`.execute(db)
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('revoke update (hash, jws, issued_at) on recognition_list from %I', app);
        execute format('grant select, insert on recognition_list_issue to %I', app);
        execute format('grant update (jws, issued_at) on recognition_list_issue to %I', app);
      end $do$`.execute(db)
  },
}
