import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * Federation keys that were made to stand in the place of all others once the root has decided it (wire-format W2). Until
 * then nobody is told of them by this node, so they are no keys of it yet.
 */
export const keyReplacements: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table key_replacement (
        kid text not null,
        jwk jsonb not null,
        key_ref text not null,
        actor text not null,
        reason text,
        prepared_at timestamptz not null,
        constraint key_replacement_pkey primary key (kid),
        constraint key_replacement_public check (not jwk ? 'd' and not jwk ? 'k' and jwk ->> 'kid' = kid)
      )`.execute(db)
    await sql`
      create trigger key_replacement_append_only before update or delete on key_replacement
        for each row execute function refuse_change()`.execute(db)
    await sql`
      create trigger key_replacement_no_truncate before truncate on key_replacement
        for each statement execute function refuse_change()`.execute(db)
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert on key_replacement to %I', app);
      end $do$`.execute(db)
  },
}
