import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * Who may decide, what they signed, and what it led to (wire-format W12). The signatures count, not the rows: what a node
 * signs follows from a decision that verifies, so rows written past the service lead to nothing.
 */
export const decisions: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table officer_set (
        seq integer not null,
        hash text not null,
        jws text not null,
        created_at timestamptz not null,
        constraint officer_set_pkey primary key (seq),
        constraint officer_set_hash_key unique (hash)
      )`.execute(db)
    await sql`
      -- whose key it is; published is the key alone
      create table officer_key (
        kid text not null,
        operator uuid not null,
        jwk jsonb not null,
        enrolled_at timestamptz not null,
        constraint officer_key_pkey primary key (kid),
        constraint officer_key_operator_fkey foreign key (operator) references operator (id)
      )`.execute(db)
    await sql`create index officer_key_operator_idx on officer_key (operator)`.execute(db)
    await sql`
      alter table proposal
        add column officer_set text,
        add column outcome jsonb,
        drop constraint proposal_state,
        add constraint proposal_state
          check (state in ('pending', 'approved', 'rejected', 'expired', 'withdrawn')),
        add constraint proposal_outcome check (outcome is null or state = 'approved')`.execute(db)
    await sql`
      create table proposal_signature (
        proposal_id uuid not null,
        officer uuid not null,
        kid text not null,
        protected text not null,
        signature text not null,
        -- what makes a retry of an approval recognisable; null for the proposer, who approves nothing
        key_hash bytea,
        body_hash bytea,
        signed_at timestamptz not null,
        constraint proposal_signature_pkey primary key (proposal_id, officer),
        constraint proposal_signature_kid_key unique (proposal_id, kid),
        constraint proposal_signature_proposal_fkey foreign key (proposal_id) references proposal (id),
        constraint proposal_signature_officer_fkey foreign key (officer) references operator (id)
      )`.execute(db)
    await sql`
      create table decision (
        -- the order in which they were carried out; nobody who writes can choose it
        ordinal bigint generated always as identity,
        proposal_id uuid not null,
        hash text not null,
        jws jsonb not null,
        decided_at timestamptz not null,
        constraint decision_pkey primary key (ordinal),
        constraint decision_proposal_key unique (proposal_id),
        constraint decision_hash_key unique (hash),
        constraint decision_proposal_fkey foreign key (proposal_id) references proposal (id)
      )`.execute(db)
    for (const table of ['officer_set', 'officer_key', 'proposal_signature', 'decision']) {
      await sql`
        create trigger ${sql.ref(`${table}_append_only`)} before update or delete on ${sql.table(table)}
          for each row execute function refuse_change()`.execute(db)
      await sql`
        create trigger ${sql.ref(`${table}_no_truncate`)} before truncate on ${sql.table(table)}
          for each statement execute function refuse_change()`.execute(db)
    }
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert on officer_set, officer_key, proposal_signature to %I', app);
        execute format('grant select, insert (proposal_id, hash, jws, decided_at) on decision to %I', app);
        execute format('grant update (outcome) on proposal to %I', app);
      end $do$`.execute(db)
  },
}
