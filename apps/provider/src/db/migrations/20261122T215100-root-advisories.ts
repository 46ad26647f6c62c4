import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What the root's lists last said, the advisories that concern this provider, and that its staff took note of them. */
export const rootAdvisories: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table root_list (
        name text not null,
        seq bigint not null,
        digest text not null,
        content jsonb not null,
        taken_at timestamptz not null,
        constraint root_list_pkey primary key (name),
        constraint root_list_name check (name in ('advisories', 'scenarios'))
      )`.execute(db)
    await sql`
      create function refuse_older_list() returns trigger language plpgsql as $$
      begin
        if new.name <> old.name or new.seq < old.seq or (new.seq = old.seq and new.digest <> old.digest) then
          raise exception 'list % has come to number %, and does not go back', old.name, old.seq
            using errcode = 'restrict_violation', constraint = 'root_list_monotonic';
        end if;
        return new;
      end $$`.execute(db)
    await sql`
      create trigger root_list_monotonic before update on root_list
        for each row execute function refuse_older_list()`.execute(db)
    await sql`
      create trigger root_list_stays before delete on root_list
        for each row execute function refuse_change()`.execute(db)
    await sql`
      create table root_advisory (
        advisory uuid not null,
        version integer not null,
        hash text not null,
        jws text not null,
        received_at timestamptz not null,
        constraint root_advisory_pkey primary key (advisory, version)
      )`.execute(db)
    await sql`
      create table advisory_acknowledgement (
        advisory uuid not null,
        version integer not null,
        request_id uuid not null,
        operator text not null,
        reason text not null,
        acknowledged_at timestamptz not null,
        -- how the root answered, once it did: taken, or not asked for any more
        answer text,
        answered_at timestamptz,
        constraint advisory_acknowledgement_pkey primary key (advisory, version),
        constraint advisory_acknowledgement_request_key unique (request_id),
        constraint advisory_acknowledgement_advisory_fkey foreign key (advisory, version)
          references root_advisory (advisory, version),
        constraint advisory_acknowledgement_answer check (answer in ('taken', 'overtaken')),
        constraint advisory_acknowledgement_answered check ((answer is null) = (answered_at is null))
      )`.execute(db)
    await sql`
      create index advisory_acknowledgement_unsent on advisory_acknowledgement (acknowledged_at)
        where answer is null`.execute(db)
    await sql`
      create trigger root_advisory_append_only before update or delete on root_advisory
        for each row execute function refuse_change()`.execute(db)
    await sql`
      create trigger advisory_acknowledgement_stays before delete on advisory_acknowledgement
        for each row execute function refuse_change()`.execute(db)
    await sql`
      create trigger advisory_acknowledgement_answered_once before update on advisory_acknowledgement
        for each row when (old.answer is not null) execute function refuse_change()`.execute(db)
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert on root_list, root_advisory, advisory_acknowledgement to %I', app);
        execute format('grant update (seq, digest, content, taken_at) on root_list to %I', app);
        execute format('grant update (answer, answered_at) on advisory_acknowledgement to %I', app);
      end $do$`.execute(db)
  },
}
