import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The keys of providers as they tell of them (W8 `endorse`), and which request told it. */
export const providerKeys: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table provider_key (
        kid text not null,
        provider bigint not null,
        purpose text not null,
        state text not null,
        changed_at timestamptz not null,
        -- one kid, one purpose, one provider
        constraint provider_key_pkey primary key (kid),
        constraint provider_key_provider_fkey foreign key (provider) references provider (code),
        constraint provider_key_purpose check (purpose in ('federation', 'issuing', 'status', 'tlog')),
        constraint provider_key_state check (state in ('announced', 'active', 'outgoing', 'retired', 'compromised'))
      )`.execute(db)
    await sql`
      create unique index provider_key_one_active on provider_key (provider, purpose) where state = 'active'`.execute(
      db,
    )
    await sql`
      create table provider_key_request (
        provider bigint not null,
        request_id uuid not null,
        request_hash text not null,
        document_hash bytea not null,
        received_at timestamptz not null,
        constraint provider_key_request_pkey primary key (provider, request_id),
        constraint provider_key_request_provider_fkey foreign key (provider) references provider (code),
        constraint provider_key_request_document_fkey foreign key (document_hash) references key_endorsement (hash)
      )`.execute(db)
    await sql`
      create trigger provider_key_request_append_only before update or delete on provider_key_request
        for each row execute function refuse_change()`.execute(db)
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert on provider_key, provider_key_request to %I', app);
        execute format('grant update (state, changed_at) on provider_key to %I', app);
        execute format('grant update (federation_jwks) on provider to %I', app);
      end $do$`.execute(db)
  },
}
