import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const PARTITIONS = 16

/**
 * The life of an instance, only where it ever left its first state: that an instance exists, and since when, the
 * ledger and its record say. One row less for each of hundreds of millions of codes, and one write less for each.
 */
export const instanceLife: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table instance_life (
        requester bigint not null,
        ontology bigint not null,
        instance bigint not null,
        life text not null default 'active',
        locked_by text,
        constraint instance_life_pkey primary key (requester, ontology, instance),
        constraint instance_life_ontology_fkey foreign key (requester, ontology) references ontology (requester, ontology),
        constraint instance_life_life check (life in ('active', 'locked', 'retired')),
        constraint instance_life_locked_by check (locked_by in ('requester', 'desk')),
        constraint instance_life_held check ((life = 'locked') = (locked_by is not null)),
        constraint instance_life_range check (instance between 1 and 101559956668415)
      ) partition by hash (requester)`.execute(db)
    for (let remainder = 0; remainder < PARTITIONS; remainder++) {
      await sql`
        create table ${sql.id(`instance_life_${remainder}`)} partition of instance_life
          for values with (modulus ${sql.lit(PARTITIONS)}, remainder ${sql.lit(remainder)})`.execute(db)
    }
    await sql`
      insert into instance_life (requester, ontology, instance, life, locked_by)
      select requester, ontology, instance, life, locked_by from instance where life <> 'active'`.execute(db)
    await sql`drop table instance`.execute(db)
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert on instance_life to %I', app);
        execute format('grant update (life, locked_by) on instance_life to %I', app);
      end $do$`.execute(db)
  },
}
