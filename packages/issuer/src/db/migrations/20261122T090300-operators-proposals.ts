import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * The people of a node, their tokens, what they propose and what others decide of it. Dual control stands
 * here as a constraint: a vote carries the proposer beside the voter, and the two differ.
 */
export const operatorsAndProposals: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table operator (
        id uuid not null,
        name text not null,
        role text not null,
        created_at timestamptz not null,
        disabled_at timestamptz,
        constraint operator_pkey primary key (id),
        constraint operator_name_length check (length(name) between 1 and 200)
      )`.execute(db)
    await sql`
      create table api_token (
        id text not null,
        secret_hash bytea not null,
        principal_kind text not null,
        principal_id uuid not null,
        created_at timestamptz not null,
        expires_at timestamptz,
        revoked_at timestamptz,
        constraint api_token_pkey primary key (id),
        constraint api_token_hash_length check (octet_length(secret_hash) = 32)
      )`.execute(db)
    await sql`create index api_token_principal_idx on api_token (principal_kind, principal_id)`.execute(db)
    await sql`
      create table proposal (
        id uuid not null,
        kind text not null,
        payload jsonb not null,
        payload_hash text not null,
        proposer uuid not null,
        proposed_at timestamptz not null,
        expires_at timestamptz not null,
        state text not null default 'pending',
        decided_at timestamptz,
        constraint proposal_pkey primary key (id),
        constraint proposal_proposer_key unique (id, proposer),
        constraint proposal_proposer_fkey foreign key (proposer) references operator (id),
        constraint proposal_state check (state in ('pending', 'approved', 'rejected', 'expired')),
        constraint proposal_decided check ((state = 'pending') = (decided_at is null))
      )`.execute(db)
    await sql`
      create trigger proposal_decided_stays before update on proposal
        for each row when (old.state <> 'pending') execute function refuse_change()`.execute(db)
    await sql`
      create table proposal_vote (
        proposal_id uuid not null,
        proposer uuid not null,
        officer uuid not null,
        vote text not null,
        reason text not null,
        voted_at timestamptz not null,
        constraint proposal_vote_pkey primary key (proposal_id, officer),
        constraint proposal_vote_key unique (proposal_id, officer, vote),
        constraint proposal_vote_proposal_fkey foreign key (proposal_id, proposer) references proposal (id, proposer),
        constraint proposal_vote_officer_fkey foreign key (officer) references operator (id),
        constraint proposal_vote_vote check (vote in ('approve', 'reject')),
        constraint proposal_vote_dual_control check (officer <> proposer)
      )`.execute(db)
    await sql`
      -- one pending proposal per object: the row exists while the proposal is pending
      create table proposal_object (
        object text not null,
        proposal_id uuid not null,
        constraint proposal_object_pkey primary key (object),
        constraint proposal_object_proposal_fkey foreign key (proposal_id) references proposal (id)
      )`.execute(db)
    await sql`
      create table audit_entry (
        id uuid not null,
        at timestamptz not null,
        actor text not null,
        act text not null,
        object text not null,
        reason text,
        detail jsonb not null,
        constraint audit_entry_pkey primary key (id)
      )`.execute(db)
    await sql`create index audit_entry_object_idx on audit_entry (object, id)`.execute(db)
    await sql`
      create trigger audit_entry_append_only before update or delete on audit_entry
        for each row execute function refuse_change()`.execute(db)
    await sql`
      create trigger audit_entry_no_truncate before truncate on audit_entry
        for each statement execute function refuse_change()`.execute(db)
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert on operator, api_token, proposal, proposal_vote, proposal_object, audit_entry to %I', app);
        execute format('grant update (state, decided_at) on proposal to %I', app);
        execute format('grant delete on proposal_object to %I', app);
      end $do$`.execute(db)
  },
}
