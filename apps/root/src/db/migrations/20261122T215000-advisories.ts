import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Advisories as they were signed, version by version, and which provider took note of which. Nothing here is ever changed. */
export const advisories: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table advisory_version (
        advisory uuid not null,
        version integer not null,
        proposal_id uuid not null,
        hash text not null,
        jws text not null,
        issued_at timestamptz not null,
        constraint advisory_version_pkey primary key (advisory, version),
        constraint advisory_version_proposal_key unique (proposal_id),
        constraint advisory_version_proposal_fkey foreign key (proposal_id) references proposal (id),
        constraint advisory_version_number check (version >= 1),
        constraint advisory_version_hash check (hash ~ '^[A-Za-z0-9_-]{43}$')
      )`.execute(db)
    await sql`
      create table advisory_acknowledgement (
        advisory uuid not null,
        version integer not null,
        provider bigint not null,
        request_id uuid not null,
        request_hash text not null,
        request_jws text not null,
        acknowledged_at timestamptz not null,
        -- once a version; a retry is answered by the row of the first
        constraint advisory_acknowledgement_pkey primary key (advisory, version, provider),
        constraint advisory_acknowledgement_request_key unique (provider, request_id),
        constraint advisory_acknowledgement_version_fkey foreign key (advisory, version)
          references advisory_version (advisory, version),
        constraint advisory_acknowledgement_provider_fkey foreign key (provider) references provider (code)
      )`.execute(db)
    for (const table of ['advisory_version', 'advisory_acknowledgement']) {
      await sql`
        create trigger ${sql.id(`${table}_append_only`)} before update or delete on ${sql.id(table)}
          for each row execute function refuse_change()`.execute(db)
      await sql`
        create trigger ${sql.id(`${table}_no_truncate`)} before truncate on ${sql.id(table)}
          for each statement execute function refuse_change()`.execute(db)
    }
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert on advisory_version, advisory_acknowledgement to %I', app);
      end $do$`.execute(db)
  },
}
