import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The life of each provider as a chain of signed entries, and every entity that ever was a provider. */
export const providerLives: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table provider_entry (
        hash text not null,
        provider bigint not null,
        seq integer not null,
        jws text not null,
        -- where the statement's status stands from this entry on, for whoever counts the places that are taken
        statement_status_list integer,
        statement_status_index integer,
        written_at timestamptz not null,
        constraint provider_entry_pkey primary key (hash),
        constraint provider_entry_provider_fkey foreign key (provider) references provider (code),
        constraint provider_entry_seq check (seq >= 1),
        constraint provider_entry_place check (
          (statement_status_list is null) = (statement_status_index is null)
        )
      )`.execute(db)
    // Not unique: a row that was slipped in does not verify, and must not stand in the way of one that does.
    await sql`create index provider_entry_provider_idx on provider_entry (provider, seq)`.execute(db)
    await sql`
      create table provider_entity (
        entity_id text not null,
        provider bigint not null,
        since timestamptz not null,
        -- an entity is one provider, for ever
        constraint provider_entity_pkey primary key (entity_id),
        constraint provider_entity_provider_fkey foreign key (provider) references provider (code)
      )`.execute(db)
    await sql`
      insert into provider_entity (entity_id, provider, since) select entity_id, code, assigned_at from provider`.execute(
      db,
    )
    for (const table of ['provider_entry', 'provider_entity']) {
      await sql`
        create trigger ${sql.id(`${table}_append_only`)} before update or delete on ${sql.id(table)}
          for each row execute function refuse_change()`.execute(db)
    }
    await sql`
      create function refuse_return_from_retirement() returns trigger language plpgsql as $$
      begin
        raise exception 'provider % is retired for ever', old.code
          using errcode = 'restrict_violation', constraint = 'provider_retired_for_ever';
      end $$`.execute(db)
    await sql`
      create trigger provider_retired_for_ever before update of state on provider
        for each row when (old.state = 'retired' and new.state is distinct from old.state)
        execute function refuse_return_from_retirement()`.execute(db)
    // A provider that moves takes its log along: another address, the same log.
    await sql`
      create or replace function refuse_other_log() returns trigger language plpgsql as $$
      begin
        if old.tlog is not null
          and (new.tlog is null or new.tlog - 'vkeys' - 'url' is distinct from old.tlog - 'vkeys' - 'url') then
          raise exception 'the log of provider % is known already', old.code
            using errcode = 'restrict_violation', constraint = 'provider_tlog_once';
        end if;
        return new;
      end $$`.execute(db)
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert on provider_entry, provider_entity to %I', app);
      end $do$`.execute(db)
  },
}
