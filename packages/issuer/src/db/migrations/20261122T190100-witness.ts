import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * What this node last cosigned of others' logs. That it never goes back, and never knows two roots for one size, is
 * refused by trigger: a restored dump or a mistaken hand must not make this node vouch for a fork.
 */
export const witness: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table witnessed_log (
        origin text not null,
        size bigint not null,
        root bytea not null,
        note text,
        cosigned_at timestamptz,
        constraint witnessed_log_pkey primary key (origin),
        constraint witnessed_log_origin check (octet_length(origin) between 1 and 255),
        -- 2^53 - 1: the largest tree that is read exactly
        constraint witnessed_log_size check (size between 0 and 9007199254740991),
        constraint witnessed_log_root_length check (octet_length(root) = 32),
        constraint witnessed_log_cosigned check ((note is null) = (cosigned_at is null)),
        constraint witnessed_log_begins_empty check (note is not null or size = 0)
      )`.execute(db)
    await sql`
      create function refuse_rollback() returns trigger language plpgsql as $$
      begin
        if new.origin <> old.origin or new.size < old.size
          or (new.size = old.size and new.root <> old.root)
          or new.cosigned_at is null or new.cosigned_at < old.cosigned_at
        then
          raise exception '% of % is refused: what was cosigned is never taken back', tg_op, old.origin
            using errcode = 'restrict_violation', constraint = 'witnessed_log_monotonic';
        end if;
        return new;
      end $$`.execute(db)
    await sql`
      create trigger witnessed_log_monotonic before update on witnessed_log
        for each row execute function refuse_rollback()`.execute(db)
    await sql`
      create trigger witnessed_log_no_delete before delete on witnessed_log
        for each row execute function refuse_change()`.execute(db)
    await sql`
      create table fork_evidence (
        origin text not null,
        size bigint not null,
        root_known bytea not null,
        root_new bytea not null,
        note_known text not null,
        note_new text not null,
        seen_at timestamptz not null,
        constraint fork_evidence_pkey primary key (origin, size, root_new),
        constraint fork_evidence_witnessed_log_fkey foreign key (origin) references witnessed_log (origin),
        constraint fork_evidence_root_length check (octet_length(root_known) = 32 and octet_length(root_new) = 32),
        constraint fork_evidence_differs check (root_known <> root_new)
      )`.execute(db)
    await sql`
      create trigger fork_evidence_append_only before update or delete on fork_evidence
        for each row execute function refuse_change()`.execute(db)
    for (const table of ['witnessed_log', 'fork_evidence']) {
      await sql`
        create trigger ${sql.id(`${table}_no_truncate`)} before truncate on ${sql.id(table)}
          for each statement execute function refuse_change()`.execute(db)
    }
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert on witnessed_log, fork_evidence to %I', app);
        execute format('grant update (size, root, note, cosigned_at) on witnessed_log to %I', app);
      end $do$`.execute(db)
  },
}
