import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Who applied to become a provider, and who became one. */
export const providers: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table provider_application (
        id uuid not null,
        entity_id text not null,
        kind text not null,
        organization jsonb not null,
        contact text not null,
        federation_jwks jsonb not null,
        wished_code bigint,
        state text not null default 'applied',
        -- the signed request, verbatim, and what makes a retry of it recognisable (wire-format W11)
        request_jws text not null,
        request_id uuid not null,
        request_hash text not null,
        applied_at timestamptz not null,
        taken_by uuid,
        taken_at timestamptz,
        constraint provider_application_pkey primary key (id),
        constraint provider_application_request_key unique (entity_id, request_id),
        constraint provider_application_taken_by_fkey foreign key (taken_by) references operator (id),
        constraint provider_application_kind check (kind in ('domestic', 'overseas')),
        constraint provider_application_state check (state in ('applied', 'under-review', 'approved')),
        constraint provider_application_taken check ((state = 'applied') = (taken_by is null)),
        constraint provider_application_wish check (wished_code between 1 and 60466175)
      )`.execute(db)
    // An entity is under review once and becomes a provider once (GB/Z 185.2 6 d). What was merely sent in claims
    // nothing: until a clerk has looked at the address, anybody can send in anybody's name.
    await sql`
      create unique index provider_application_entity_key on provider_application (entity_id)
        where state <> 'applied'`.execute(db)
    await sql`create index provider_application_state_idx on provider_application (state, id)`.execute(db)
    await sql`
      create table provider (
        code bigint not null,
        entity_id text not null,
        application_id uuid not null,
        proposal_id uuid not null,
        approver uuid not null,
        approval text not null default 'approve',
        kind text not null,
        territory text not null,
        organization jsonb not null,
        federation_jwks jsonb not null,
        statement_status_list integer not null,
        statement_status_index integer not null,
        state text not null default 'active',
        assigned_at timestamptz not null,
        constraint provider_pkey primary key (code),
        constraint provider_entity_key unique (entity_id),
        constraint provider_application_key unique (application_id),
        constraint provider_proposal_key unique (proposal_id),
        -- the levels that a provider does not reach, so that its row can stand on its record
        requester bigint generated always as (0) stored,
        ontology bigint generated always as (0) stored,
        instance bigint generated always as (0) stored,
        constraint provider_record_fkey foreign key (code, requester, ontology, instance)
          references assignment_record (provider, requester, ontology, instance),
        constraint provider_application_fkey foreign key (application_id) references provider_application (id),
        -- dual control, in the database: a provider stands on the approving vote of somebody other than the
        -- proposer (proposal_vote itself refuses a vote by the proposer)
        constraint provider_approval check (approval = 'approve'),
        constraint provider_vote_fkey foreign key (proposal_id, approver, approval)
          references proposal_vote (proposal_id, officer, vote),
        constraint provider_code_range check (code between 1 and 60466175),
        constraint provider_state check (state in ('active', 'suspended', 'retired')),
        constraint provider_kind check (kind in ('domestic', 'overseas'))
      )`.execute(db)
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert on provider_application, provider to %I', app);
        execute format('grant update (state, taken_by, taken_at) on provider_application to %I', app);
        execute format('grant update (state) on provider to %I', app);
      end $do$`.execute(db)
  },
}
