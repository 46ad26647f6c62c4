import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const PARTITIONS = 16

/**
 * The ledger of every code ever assigned here, and the signed record of each. Both are append-only for
 * everybody: triggers refuse what privileges already withhold, so that not even a mistaken grant can edit them.
 */
export const codeLedger: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`create extension if not exists btree_gist`.execute(db)
    await sql`
      create table code_ledger (
        provider bigint not null,
        requester bigint not null,
        ontology bigint not null,
        instance bigint not null,
        assigned_at timestamptz not null,
        constraint code_ledger_pkey primary key (provider, requester, ontology, instance),
        -- GB/Z 185.2 5.4 to 5.6; a provider is assigned at most 5 symbols (see the ADR on provider width)
        constraint code_ledger_provider_range check (provider between 1 and 60466175),
        constraint code_ledger_requester_range check (requester between 0 and 2176782335),
        constraint code_ledger_ontology_range check (ontology between 0 and 101559956668415),
        constraint code_ledger_instance_range check (instance between 0 and 101559956668415),
        -- a level not reached is 0, and nothing stands below a level not reached
        constraint code_ledger_levels check ((requester > 0 or ontology = 0) and (ontology > 0 or instance = 0))
      ) partition by hash (requester)`.execute(db)
    await sql`
      create table assignment_record (
        provider bigint not null,
        requester bigint not null,
        ontology bigint not null,
        instance bigint not null,
        hash bytea not null,
        jws text not null,
        issued_at timestamptz not null,
        status_list integer not null,
        status_index integer not null,
        constraint assignment_record_pkey primary key (provider, requester, ontology, instance),
        constraint assignment_record_code_ledger_fkey foreign key (provider, requester, ontology, instance)
          references code_ledger (provider, requester, ontology, instance),
        constraint assignment_record_hash_length check (octet_length(hash) = 32)
      ) partition by hash (requester)`.execute(db)
    await sql`
      create function refuse_change() returns trigger language plpgsql as $$
      begin
        raise exception '% on % is refused: what was written stays written', tg_op, tg_table_name
          using errcode = 'restrict_violation', constraint = 'append_only';
      end $$`.execute(db)
    for (const table of ['code_ledger', 'assignment_record']) {
      await sql`
        create trigger ${sql.id(`${table}_append_only`)} before update or delete on ${sql.id(table)}
          for each row execute function refuse_change()`.execute(db)
      // A statement trigger on the parent does not fire when a partition is truncated by its own name.
      for (const name of [table, ...partitionsOf(table)]) {
        if (name !== table) await createPartition(db, table, name)
        await sql`
          create trigger ${sql.id(`${name}_no_truncate`)} before truncate on ${sql.id(name)}
            for each statement execute function refuse_change()`.execute(db)
      }
      await grantToApp(db, 'select, insert', table)
    }
  },
}

function partitionsOf(table: string): string[] {
  return Array.from({ length: PARTITIONS }, (_, remainder) => `${table}_${remainder}`)
}

async function createPartition(db: Kysely<unknown>, table: string, name: string): Promise<void> {
  const remainder = Number(name.slice(table.length + 1))
  await sql`
    create table ${sql.id(name)} partition of ${sql.id(table)}
      for values with (modulus ${sql.lit(PARTITIONS)}, remainder ${sql.lit(remainder)})`.execute(db)
}

/** The node connects as `<node>_app`; this runs as `<node>_owner`. */
async function grantToApp(db: Kysely<unknown>, rights: string, table: string): Promise<void> {
  await sql`
    do $do$ begin
      execute format('grant ${sql.raw(rights)} on %I to %I', ${sql.lit(table)}, regexp_replace(current_user, '_owner$', '_app'));
    end $do$`.execute(db)
}
