import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * Tokens with scopes and labels, sessions begun by a key, and operators who leave. What was revoked or disabled stays so:
 * the service may set these instants once, and nothing else of a row.
 */
export const tokensAndSessions: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table api_token
        add column kind text not null default 'token',
        add column label text,
        -- actions of the authorisation table; null for all that the role may do
        add column scopes text[],
        -- the key that a session was begun with
        add column key_id text,
        -- when a session was last seen in use, to within a minute
        add column used_at timestamptz,
        add constraint api_token_kind check (kind in ('token', 'session', 'invitation')),
        add constraint api_token_label_length check (length(label) between 1 and 100),
        add constraint api_token_scopes check (cardinality(scopes) between 1 and 100),
        add constraint api_token_ends check (kind = 'token' or expires_at is not null),
        add constraint api_token_session
          check ((kind = 'session') = (key_id is not null) and (kind = 'session') = (used_at is not null))
    `.execute(db)
    await sql`
      create unique index api_token_label_key on api_token (principal_kind, principal_id, label)
        where revoked_at is null and label is not null`.execute(db)
    await sql`
      create trigger api_token_revoked_stays before update on api_token
        for each row when (old.revoked_at is not null) execute function refuse_change()`.execute(db)
    await sql`
      create trigger operator_disabled_stays before update on operator
        for each row when (old.disabled_at is not null) execute function refuse_change()`.execute(db)
    await sql`
      -- what begins a session is answered once: its row goes in the transaction that begins it
      create table session_challenge (
        nonce_hash bytea not null,
        expires_at timestamptz not null,
        constraint session_challenge_pkey primary key (nonce_hash),
        constraint session_challenge_hash_length check (octet_length(nonce_hash) = 32)
      )`.execute(db)
    await sql`create index session_challenge_expiry_idx on session_challenge (expires_at)`.execute(db)
    await sql`
      -- names of those whom a pending proposal would add; a proposal is public once decided, and names are not
      create table operator_candidate (
        operator uuid not null,
        name text not null,
        role text not null,
        constraint operator_candidate_pkey primary key (operator),
        constraint operator_candidate_name_length check (length(name) between 1 and 200)
      )`.execute(db)
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant update (revoked_at, used_at) on api_token to %I', app);
        execute format('grant update (disabled_at) on operator to %I', app);
        execute format('grant select, insert, delete on session_challenge, operator_candidate to %I', app);
      end $do$`.execute(db)
  },
}
