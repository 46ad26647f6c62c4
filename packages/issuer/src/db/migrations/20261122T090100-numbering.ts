import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Named ranges by level, the blocks of numbers leased from them, and the lists that status indexes come from. */
export const numbering: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table numbering_range (
        id uuid not null,
        level text not null,
        name text not null,
        kind text not null,
        first bigint not null,
        last bigint not null,
        -- how many numbers of the range were leased, in lease order; meaningless for kind chosen
        leased bigint not null default 0,
        -- the secret of a scrambled range: whoever has it can enumerate the range
        scramble_key bytea,
        created_at timestamptz not null,
        constraint numbering_range_pkey primary key (id),
        constraint numbering_range_name_key unique (level, name),
        constraint numbering_range_level check (level in ('provider', 'requester', 'ontology', 'instance')),
        constraint numbering_range_kind check (kind in ('sequential', 'scrambled', 'chosen')),
        constraint numbering_range_bounds check (first between 1 and last),
        constraint numbering_range_leased check (leased between 0 and last - first + 1),
        constraint numbering_range_key check ((kind = 'scrambled') = (scramble_key is not null)),
        constraint numbering_range_disjoint exclude using gist (level with =, int8range(first, last, '[]') with &&)
      )`.execute(db)
    await sql`
      create table number_lease (
        id uuid not null,
        range_id uuid not null,
        position_first bigint not null,
        position_count integer not null,
        process_id uuid not null,
        leased_at timestamptz not null,
        constraint number_lease_pkey primary key (id),
        constraint number_lease_range_fkey foreign key (range_id) references numbering_range (id),
        constraint number_lease_position_key unique (range_id, position_first),
        constraint number_lease_count check (position_count > 0)
      )`.execute(db)
    await sql`
      create table status_list (
        number integer not null,
        level text not null,
        leased integer not null default 0,
        scramble_key bytea not null,
        opened_at timestamptz not null,
        constraint status_list_pkey primary key (number),
        constraint status_list_leased check (leased between 0 and 131072)
      )`.execute(db)
    await sql`create sequence status_list_number as integer minvalue 0 start 0`.execute(db)
    await sql`
      create table status_entry (
        list integer not null,
        index integer not null,
        status smallint not null,
        changed_at timestamptz not null,
        constraint status_entry_pkey primary key (list, index),
        constraint status_entry_list_fkey foreign key (list) references status_list (number),
        constraint status_entry_index check (index between 0 and 131071),
        constraint status_entry_status check (status between 0 and 15)
      )`.execute(db)
    // A lease that went back would give numbers and indexes twice, whoever took it back.
    await sql`
      create function refuse_unleasing() returns trigger language plpgsql as $$
      begin
        raise exception '% of % is refused: what was leased stays leased', tg_op, tg_table_name
          using errcode = 'restrict_violation', constraint = 'leases_only_grow';
      end $$`.execute(db)
    for (const table of ['numbering_range', 'status_list']) {
      await sql`
        create trigger ${sql.id(`${table}_leases_only_grow`)} before update on ${sql.id(table)}
          for each row when (new.leased < old.leased) execute function refuse_unleasing()`.execute(db)
    }
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert on numbering_range, number_lease, status_list, status_entry to %I', app);
        execute format('grant update (leased) on numbering_range, status_list to %I', app);
        execute format('grant update (status, changed_at) on status_entry to %I', app);
        execute format('grant usage on sequence status_list_number to %I', app);
      end $do$`.execute(db)
  },
}
