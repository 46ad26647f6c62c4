import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What the root last said of this provider, so that a restart works while the root is down. */
export const appointment: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table appointment (
        -- one row at most: a node is one provider
        only_one boolean not null default true,
        code_prefix text not null,
        -- json and not jsonb: key sets are compared member by member in the order in which they were signed
        evidence json not null,
        verified_at timestamptz not null,
        constraint appointment_pkey primary key (only_one),
        constraint appointment_only_one check (only_one)
      )`.execute(db)
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert on appointment to %I', app);
        execute format('grant update (evidence, verified_at) on appointment to %I', app);
      end $do$`.execute(db)
  },
}
