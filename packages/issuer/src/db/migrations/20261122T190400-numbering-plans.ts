import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * Plans that change while the node runs: a range can be added and closed, never removed or moved. And what a restore
 * from an older backup lost: codes and blocks of numbers that were acknowledged once and are never given again.
 */
export const numberingPlans: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table numbering_range
        add column business_type text,
        add column closed_at timestamptz,
        add constraint numbering_range_business_type check (length(business_type) between 1 and 64)`.execute(
      db,
    )
    await sql`
      create trigger numbering_range_closed_stays before update on numbering_range
        for each row when (old.closed_at is not null and new.closed_at is distinct from old.closed_at)
          execute function refuse_change()`.execute(db)
    await sql`
      create trigger numbering_range_stays before delete on numbering_range
        for each row execute function refuse_change()`.execute(db)
    await sql`create index number_lease_time_idx on number_lease (range_id, leased_at)`.execute(db)
    await sql`
      create table burnt_code (
        provider bigint not null,
        requester bigint not null,
        ontology bigint not null,
        instance bigint not null,
        reason text not null,
        burnt_at timestamptz not null,
        constraint burnt_code_pkey primary key (provider, requester, ontology, instance)
      )`.execute(db)
    await sql`
      -- positions of a range that were leased in a life of the database that is lost
      create table burnt_block (
        range_id uuid not null,
        position_first bigint not null,
        position_count bigint not null,
        reason text not null,
        burnt_at timestamptz not null,
        constraint burnt_block_pkey primary key (range_id, position_first),
        constraint burnt_block_range_fkey foreign key (range_id) references numbering_range (id),
        constraint burnt_block_count check (position_count > 0)
      )`.execute(db)
    for (const table of ['burnt_code', 'burnt_block']) {
      await sql`
        create trigger ${sql.id(`${table}_append_only`)} before update or delete on ${sql.id(table)}
          for each row execute function refuse_change()`.execute(db)
      await sql`
        create trigger ${sql.id(`${table}_no_truncate`)} before truncate on ${sql.id(table)}
          for each statement execute function refuse_change()`.execute(db)
    }
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert on burnt_code, burnt_block to %I', app);
        execute format('grant update (closed_at) on numbering_range to %I', app);
      end $do$`.execute(db)
  },
}
