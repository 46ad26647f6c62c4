import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * The life of every key of a node (wire-format Keys, W8). Only public halves come here; the private ones stay with
 * their driver, which `key_ref` names. A key goes announced, active, outgoing, retired; from anywhere it can be found
 * compromised. What was signed about each step stays for ever.
 */
export const keys: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table key (
        kid text not null,
        purpose text not null,
        jwk jsonb not null,
        key_ref text not null,
        state text not null,
        announced_at timestamptz not null,
        -- when whoever has to endorse it before its first use had done so
        endorsed_at timestamptz,
        activated_at timestamptz,
        outgoing_at timestamptz,
        -- the end of its life: the witnessed instant of the checkpoint over its last record
        retired_at timestamptz,
        final_checkpoint_size bigint,
        -- since when it may have been in other hands
        compromised_at timestamptz,
        -- one kid, one purpose: a key never serves two
        constraint key_pkey primary key (kid),
        constraint key_purpose check (purpose in ('federation', 'issuing', 'status', 'tlog')),
        constraint key_public check (not jwk ? 'd' and not jwk ? 'k' and jwk ->> 'kid' = kid),
        constraint key_state check (state in ('announced', 'active', 'outgoing', 'retired', 'compromised')),
        constraint key_used_when_endorsed check (activated_at is null or endorsed_at is not null),
        constraint key_used_when_active check (state not in ('active', 'outgoing', 'retired') or activated_at is not null),
        constraint key_retired check (state = 'compromised' or (state = 'retired') = (retired_at is not null)),
        constraint key_final_checkpoint check ((retired_at is null) = (final_checkpoint_size is null)),
        constraint key_compromised check ((state = 'compromised') = (compromised_at is not null))
      )`.execute(db)
    await sql`create unique index key_one_active on key (purpose) where state = 'active'`.execute(db)
    await sql`create unique index key_one_announced on key (purpose) where state = 'announced'`.execute(db)
    await sql`
      create function refuse_key_step() returns trigger language plpgsql as $$
      begin
        if (new.kid, new.purpose, new.jwk, new.key_ref, new.announced_at)
             is distinct from (old.kid, old.purpose, old.jwk, old.key_ref, old.announced_at)
          or (old.endorsed_at is not null and new.endorsed_at is distinct from old.endorsed_at)
          or (old.activated_at is not null and new.activated_at is distinct from old.activated_at)
          or (old.retired_at is not null and new.retired_at is distinct from old.retired_at)
          or (old.compromised_at is not null and new.compromised_at > old.compromised_at)
          or not (new.state = old.state
            or new.state = 'compromised'
            or (old.state, new.state) in (('announced', 'active'), ('active', 'outgoing'), ('outgoing', 'retired')))
        then
          raise exception 'key % cannot go from % to % so', old.kid, old.state, new.state
            using errcode = 'restrict_violation', constraint = 'key_steps';
        end if;
        return new;
      end $$`.execute(db)
    await sql`
      create trigger key_steps before update on key for each row execute function refuse_key_step()`.execute(
      db,
    )
    await sql`
      create trigger key_no_delete before delete on key for each row execute function refuse_change()`.execute(
      db,
    )
    await sql`
      -- what this node, or the root above it, signed about a key; the root keeps what it confirmed of others' here too
      create table key_endorsement (
        hash bytea not null,
        kid text not null,
        issuer text not null,
        subject text not null,
        event text not null,
        -- the document of the key's own entity that this one confirms
        endorses bytea,
        jws text not null,
        issued_at timestamptz not null,
        -- in the order in which a node's own were written, since each stands on the one before
        sequence bigint generated always as identity,
        constraint key_endorsement_pkey primary key (hash),
        constraint key_endorsement_endorses_key unique (endorses),
        constraint key_endorsement_endorses_fkey foreign key (endorses) references key_endorsement (hash),
        constraint key_endorsement_hash_length check (octet_length(hash) = 32),
        constraint key_endorsement_event check (event in ('announce', 'activate', 'retire', 'compromise')),
        constraint key_endorsement_confirms check ((issuer = subject) = (endorses is null))
      )`.execute(db)
    await sql`create index key_endorsement_kid_idx on key_endorsement (kid, event)`.execute(db)
    await sql`
      create table key_transition (
        id uuid not null,
        kid text not null,
        event text not null,
        actor text not null,
        reason text,
        endorsement_hash bytea not null,
        at timestamptz not null,
        constraint key_transition_pkey primary key (id),
        constraint key_transition_kid_fkey foreign key (kid) references key (kid),
        constraint key_transition_event check (event in ('announce', 'activate', 'retire', 'compromise')),
        constraint key_transition_endorsement_fkey foreign key (endorsement_hash) references key_endorsement (hash)
      )`.execute(db)
    for (const table of ['key_endorsement', 'key_transition']) {
      await sql`
        create trigger ${sql.id(`${table}_append_only`)} before update or delete on ${sql.id(table)}
          for each row execute function refuse_change()`.execute(db)
    }
    for (const table of ['key', 'key_endorsement', 'key_transition']) {
      await sql`
        create trigger ${sql.id(`${table}_no_truncate`)} before truncate on ${sql.id(table)}
          for each statement execute function refuse_change()`.execute(db)
    }
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert on key, key_endorsement, key_transition to %I', app);
        execute format('grant update (state, endorsed_at, activated_at, outgoing_at, retired_at, final_checkpoint_size, compromised_at) on key to %I', app);
      end $do$`.execute(db)
  },
}
