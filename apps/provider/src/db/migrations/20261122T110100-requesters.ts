import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * Who asks for codes. What may be shown of a requester stands in `requester`; whatever only the desk and the
 * requester may see, and every word about a natural person, stands in `requester_dossier` and nowhere else.
 */
export const requesters: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table requester (
        id uuid not null,
        kind text not null,
        country text not null,
        organization jsonb,
        state text not null default 'applied',
        code bigint,
        applied_at timestamptz not null,
        verified_by uuid,
        verified_at timestamptz,
        constraint requester_pkey primary key (id),
        constraint requester_code_key unique (code),
        constraint requester_verified_by_fkey foreign key (verified_by) references operator (id),
        constraint requester_kind check (kind in ('organization', 'natural-person')),
        constraint requester_country check (country ~ '^[A-Z]{2}$'),
        constraint requester_nameless check ((kind = 'organization') = (organization is not null)),
        constraint requester_state check (state in ('applied', 'active')),
        constraint requester_verified check (
          (state = 'applied') = (code is null) and (code is null) = (verified_by is null)
          and (code is null) = (verified_at is null)),
        constraint requester_code_range check (code between 1 and 2176782335)
      )`.execute(db)
    await sql`create index requester_state_idx on requester (state, id)`.execute(db)
    await sql`
      create table requester_dossier (
        requester_id uuid not null,
        person_name text,
        contact text not null,
        local_identifiers jsonb not null,
        evidence jsonb not null,
        constraint requester_dossier_pkey primary key (requester_id),
        constraint requester_dossier_requester_fkey foreign key (requester_id) references requester (id)
      )`.execute(db)
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert on requester, requester_dossier to %I', app);
        execute format('grant update (state, code, verified_by, verified_at) on requester to %I', app);
      end $do$`.execute(db)
  },
}
