import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Agents as designed: drafts, their review, and the codes that end in .0 (GB/Z 185.2 5.6 b). */
export const ontologies: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table ontology (
        requester bigint not null,
        id uuid not null,
        -- counts every change of the row: the ETag of the draft
        version integer not null default 1,
        description jsonb not null,
        review text not null default 'draft',
        taken_by uuid,
        core_profile text,
        core_digest text,
        ontology bigint,
        life text,
        locked_by text,
        created_at timestamptz not null,
        changed_at timestamptz not null,
        constraint ontology_pkey primary key (requester, id),
        constraint ontology_code_key unique (requester, ontology),
        constraint ontology_requester_fkey foreign key (requester) references requester (code),
        constraint ontology_taken_by_fkey foreign key (taken_by) references operator (id),
        constraint ontology_review check (
          review in ('draft', 'submitted', 'under-review', 'returned', 'rejected', 'approved')),
        constraint ontology_life check (life in ('active', 'locked', 'retired')),
        constraint ontology_locked_by check (locked_by in ('requester', 'desk')),
        -- life is null before the approval
        constraint ontology_held check ((life is not distinct from 'locked') = (locked_by is not null)),
        constraint ontology_approved check (
          (review = 'approved') = (ontology is not null) and (ontology is null) = (life is null)),
        -- what was submitted is what is judged: its digest is fixed with the submission
        constraint ontology_core check (
          (core_digest is null) = (core_profile is null) and (review = 'draft' or core_digest is not null)),
        constraint ontology_range check (ontology between 1 and 101559956668415)
      )`.execute(db)
    await sql`create index ontology_id_idx on ontology (id)`.execute(db)
    await sql`
      create index ontology_open_idx on ontology (requester)
        where review not in ('approved', 'rejected')`.execute(db)
    await sql`create index ontology_review_idx on ontology (review, id)`.execute(db)
    await sql`
      create table ontology_transition (
        requester bigint not null,
        ontology_id uuid not null,
        id uuid not null,
        act text not null,
        from_state text not null,
        to_state text not null,
        actor text not null,
        reason text,
        at timestamptz not null,
        constraint ontology_transition_pkey primary key (requester, ontology_id, id),
        constraint ontology_transition_ontology_fkey foreign key (requester, ontology_id)
          references ontology (requester, id)
      )`.execute(db)
    await sql`
      create trigger ontology_transition_append_only before update or delete on ontology_transition
        for each row execute function refuse_change()`.execute(db)
    await sql`
      create trigger ontology_transition_no_truncate before truncate on ontology_transition
        for each statement execute function refuse_change()`.execute(db)
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert on ontology, ontology_transition to %I', app);
        execute format('grant update (version, description, review, taken_by, core_profile, core_digest, ontology, life, locked_by, changed_at) on ontology to %I', app);
      end $do$`.execute(db)
  },
}
