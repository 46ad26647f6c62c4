import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * Every change of every status entry, for ever: what a code was at any instant is read here and nowhere else, and the
 * processes of a node follow it to keep their lists. What each entry had before stays as its one known change.
 */
export const statusChanges: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table status_change (
        -- taken while the row of the entry is locked: along one entry it grows in commit order
        id bigint generated always as identity,
        list integer not null,
        index integer not null,
        status smallint not null,
        changed_at timestamptz not null,
        -- the hash in the log entry; null for a change from before this table whose act is not known
        hash bytea,
        -- by which a reader finds what was committed since its last snapshot, however late it began
        xid xid8 not null default pg_current_xact_id(),
        constraint status_change_pkey primary key (list, index, id),
        constraint status_change_index check (index between 0 and 131071),
        constraint status_change_status check (status between 0 and 15),
        constraint status_change_hash_length check (octet_length(hash) = 32)
      )`.execute(db)
    await sql`
      insert into status_change (list, index, status, changed_at, hash)
      select distinct on (e.list, e.index) e.list, e.index, e.status, e.changed_at, o.hash
      from status_entry e
      left join assignment_record r on r.status_list = e.list and r.status_index = e.index
      left join outbox o on o.act = 'status' and o.issued_at = e.changed_at and o.provider = r.provider
        and o.requester = r.requester and o.ontology = r.ontology and o.instance = r.instance
      order by e.list, e.index, o.id desc`.execute(db)
    await sql`create index status_change_xid_idx on status_change (xid)`.execute(db)
    await sql`
      create trigger status_change_append_only before update or delete on status_change
        for each row execute function refuse_change()`.execute(db)
    await sql`
      create trigger status_change_no_truncate before truncate on status_change
        for each statement execute function refuse_change()`.execute(db)
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert on status_change to %I', app);
      end $do$`.execute(db)
  },
}
