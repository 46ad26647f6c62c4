import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * The whole way of an application, a row a step: returned and completed, withdrawn, rejected. The state of an application
 * is the one that its last step led to, by foreign key, and each step begins where the one before it ended.
 */
export const applicationSteps: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table application_step (
        application_id uuid not null,
        step integer not null,
        previous integer generated always as (nullif(step - 1, 0)) stored,
        from_state text,
        to_state text not null,
        -- an operator, or the applicant's entity id
        actor text not null,
        reason text,
        detail jsonb not null default '{}',
        proposal_id uuid,
        at timestamptz not null,
        constraint application_step_pkey primary key (application_id, step),
        constraint application_step_state_key unique (application_id, step, to_state),
        constraint application_step_application_fkey foreign key (application_id) references provider_application (id),
        constraint application_step_chain_fkey foreign key (application_id, previous, from_state)
          references application_step (application_id, step, to_state),
        constraint application_step_proposal_fkey foreign key (proposal_id) references proposal (id),
        constraint application_step_first check (step >= 1 and (step = 1) = (from_state is null)),
        constraint application_step_move check (
          (coalesce(from_state, ''), to_state) in (
            ('', 'applied'), ('applied', 'under-review'), ('under-review', 'returned'),
            ('returned', 'under-review'), ('returned', 'applied'), ('under-review', 'approved'),
            ('applied', 'rejected'), ('under-review', 'rejected'), ('returned', 'rejected'),
            ('applied', 'withdrawn'), ('under-review', 'withdrawn'), ('returned', 'withdrawn')
          )
        ),
        -- what ends well or ill by the authority's word stands on a proposal
        constraint application_step_decided check ((to_state in ('approved', 'rejected')) = (proposal_id is not null))
      )`.execute(db)
    await sql`
      insert into application_step (application_id, step, from_state, to_state, actor, at)
        select id, 1, null, 'applied', entity_id, applied_at from provider_application`.execute(db)
    await sql`
      insert into application_step (application_id, step, from_state, to_state, actor, at)
        select id, 2, 'applied', 'under-review', taken_by::text, taken_at from provider_application
        where state <> 'applied'`.execute(db)
    await sql`
      insert into application_step (application_id, step, from_state, to_state, actor, at, proposal_id)
        select a.id, 3, 'under-review', 'approved', p.approver::text, p.assigned_at, p.proposal_id
        from provider_application a join provider p on p.application_id = a.id
        where a.state = 'approved'`.execute(db)
    await sql`
      alter table provider_application
        add column step integer not null default 1,
        add column revision integer not null default 1,
        -- what only the desk and the applicant see: identifiers, representative, evidence, purposes
        add column dossier jsonb not null default '{}'`.execute(db)
    await sql`
      update provider_application a
        set step = (select max(s.step) from application_step s where s.application_id = a.id)`.execute(db)
    await sql`
      alter table provider_application
        drop constraint provider_application_state,
        drop constraint provider_application_taken,
        add constraint provider_application_state check (
          state in ('applied', 'under-review', 'returned', 'approved', 'rejected', 'withdrawn')
        ),
        add constraint provider_application_taken check (
          (taken_by is null) = (taken_at is null)
          and (state <> 'applied' or taken_by is null)
          and (state not in ('under-review', 'returned', 'approved') or taken_by is not null)
        ),
        add constraint provider_application_revision check (revision >= 1),
        add constraint provider_application_step_fkey foreign key (id, step, state)
          references application_step (application_id, step, to_state) deferrable initially deferred`.execute(
      db,
    )
    // Whoever was rejected, or withdrew, may apply again.
    await sql`drop index provider_application_entity_key`.execute(db)
    await sql`
      create unique index provider_application_entity_key on provider_application (entity_id)
        where state in ('under-review', 'returned', 'approved')`.execute(db)
    await sql`
      create index application_step_at_idx on application_step (at)`.execute(db)
    // What an applicant sent after its application, verbatim, and what it was answered (wire-format W11).
    await sql`
      create table application_request (
        application_id uuid not null,
        request_id uuid not null,
        act text not null,
        request_hash text not null,
        request_jws text not null,
        -- the keys that it was verified with: a completion may bring others
        verified_by jsonb not null,
        outcome_state text not null,
        outcome_revision integer not null,
        received_at timestamptz not null,
        constraint application_request_pkey primary key (application_id, request_id),
        constraint application_request_application_fkey foreign key (application_id)
          references provider_application (id),
        constraint application_request_act check (act in ('complete', 'withdraw'))
      )`.execute(db)
    // A key is one applicant's while its application is open or led to a code.
    await sql`
      create table application_key (
        kid text not null,
        application_id uuid not null,
        constraint application_key_pkey primary key (kid),
        constraint application_key_application_fkey foreign key (application_id)
          references provider_application (id)
      )`.execute(db)
    await sql`
      insert into application_key (kid, application_id)
        select distinct on (key ->> 'kid') key ->> 'kid', id
        from provider_application, jsonb_array_elements(federation_jwks) as key
        where state <> 'applied' order by key ->> 'kid', id`.execute(db)
    await sql`create index application_key_application_idx on application_key (application_id)`.execute(db)
    for (const table of ['application_step', 'application_request']) {
      await sql`
        create trigger ${sql.id(`${table}_append_only`)} before update or delete on ${sql.id(table)}
          for each row execute function refuse_change()`.execute(db)
      await sql`
        create trigger ${sql.id(`${table}_no_truncate`)} before truncate on ${sql.id(table)}
          for each statement execute function refuse_change()`.execute(db)
    }
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert on application_step, application_request, application_key to %I', app);
        execute format('grant delete on application_key to %I', app);
        execute format('grant update (kind, organization, contact, federation_jwks, wished_code, dossier, revision, step)
          on provider_application to %I', app);
      end $do$`.execute(db)
  },
}
