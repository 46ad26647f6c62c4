import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const PARTITIONS = 16

/** Agents as they run (GB/Z 185.2 5.6 c), and the life of every code below a requester. */
export const instances: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table instance (
        requester bigint not null,
        ontology bigint not null,
        instance bigint not null,
        life text not null default 'active',
        locked_by text,
        registered_at timestamptz not null,
        constraint instance_pkey primary key (requester, ontology, instance),
        constraint instance_ontology_fkey foreign key (requester, ontology) references ontology (requester, ontology),
        constraint instance_life check (life in ('active', 'locked', 'retired')),
        constraint instance_locked_by check (locked_by in ('requester', 'desk')),
        constraint instance_held check ((life = 'locked') = (locked_by is not null)),
        constraint instance_range check (instance between 1 and 101559956668415)
      ) partition by hash (requester)`.execute(db)
    for (let remainder = 0; remainder < PARTITIONS; remainder++) {
      await sql`
        create table ${sql.id(`instance_${remainder}`)} partition of instance
          for values with (modulus ${sql.lit(PARTITIONS)}, remainder ${sql.lit(remainder)})`.execute(db)
    }
    await sql`
      create table code_transition (
        requester bigint not null,
        ontology bigint not null,
        -- 0 is the ontology itself
        instance bigint not null,
        id uuid not null,
        act text not null,
        from_life text not null,
        from_locked_by text,
        to_life text not null,
        to_locked_by text,
        actor text not null,
        reason text not null,
        at timestamptz not null,
        constraint code_transition_pkey primary key (requester, ontology, instance, id),
        constraint code_transition_act check (act in ('lock', 'unlock', 'retire')),
        constraint code_transition_held check (
          (from_life = 'locked') = (from_locked_by is not null) and (to_life = 'locked') = (to_locked_by is not null)),
        -- the desk's lock over a requester's own is a step from locked to locked
        constraint code_transition_moves check (
          from_life <> 'retired' and (from_life <> to_life or from_locked_by is distinct from to_locked_by))
      )`.execute(db)
    await sql`
      create trigger code_transition_append_only before update or delete on code_transition
        for each row execute function refuse_change()`.execute(db)
    await sql`
      create trigger code_transition_no_truncate before truncate on code_transition
        for each statement execute function refuse_change()`.execute(db)
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert on instance, code_transition to %I', app);
        execute format('grant update (life, locked_by) on instance to %I', app);
      end $do$`.execute(db)
  },
}
