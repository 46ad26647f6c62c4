import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * The transparency log of each provider, by its own word: at its application, or once later where it was assigned
 * before it had one. Who may witness a log under which keys must not change by a mistaken update.
 */
export const providerLog: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table provider_application add column tlog jsonb`.execute(db)
    await sql`alter table provider add column tlog jsonb`.execute(db)
    for (const table of ['provider_application', 'provider']) {
      await sql`
        alter table ${sql.id(table)} add constraint ${sql.id(`${table}_tlog`)} check (
          tlog is null or (
            jsonb_typeof(tlog -> 'url') = 'string' and jsonb_typeof(tlog -> 'origin') = 'string'
            and jsonb_array_length(tlog -> 'vkeys') between 1 and 16
          )
        )`.execute(db)
    }
    // No two providers are one log, and a witness finds the provider of an origin.
    await sql`create unique index provider_tlog_origin_key on provider ((tlog ->> 'origin'))`.execute(db)
    await sql`
      create function refuse_other_log() returns trigger language plpgsql as $$
      begin
        if old.tlog is not null and new.tlog is distinct from old.tlog then
          raise exception 'the log of provider % is known already', old.code
            using errcode = 'restrict_violation', constraint = 'provider_tlog_once';
        end if;
        return new;
      end $$`.execute(db)
    await sql`
      create trigger provider_tlog_once before update of tlog on provider
        for each row execute function refuse_other_log()`.execute(db)
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant update (tlog) on provider_application, provider to %I', app);
      end $do$`.execute(db)
  },
}
