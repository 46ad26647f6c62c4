import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const FOR_EVER = [
  'foreign_root_key_set',
  'agreement',
  'agreement_signature',
  'agreement_event',
  'agreement_fork',
] as const

/**
 * Other roots and the agreements with them (wire-format W9, W10). Whom this root knows, and what it signed, is read from
 * the decisions of its officers; what stands here is what was signed, by it and by others, and what has to be delivered.
 */
export const agreements: Migration = {
  async up(db: Kysely<unknown>) {
    await foreignRoots(db)
    await documents(db)
    await deliveries(db)
    await lists(db)
    for (const table of FOR_EVER) {
      await sql`
        create trigger ${sql.ref(`${table}_append_only`)} before update or delete on ${sql.table(table)}
          for each row execute function refuse_change()`.execute(db)
      await sql`
        create trigger ${sql.ref(`${table}_no_truncate`)} before truncate on ${sql.table(table)}
          for each statement execute function refuse_change()`.execute(db)
    }
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert on foreign_root_key_set, foreign_root_configuration, agreement,
          agreement_signature, agreement_event, agreement_fork, agreement_delivery, recognition_list to %I', app);
        execute format('grant update (jws, fetched_at) on foreign_root_configuration to %I', app);
        execute format('grant update (attempts, due_at, delivered_at, last_answer) on agreement_delivery to %I', app);
        execute format('grant update (hash, jws, issued_at) on recognition_list to %I', app);
      end $do$`.execute(db)
  },
}

async function foreignRoots(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table foreign_root_key_set (
      entity_id text not null,
      hash text not null,
      seq integer not null,
      jws jsonb not null,
      fetched_at timestamptz not null,
      constraint foreign_root_key_set_pkey primary key (entity_id, hash)
    )`.execute(db)
  await sql`
    create table foreign_root_configuration (
      entity_id text not null,
      jws text not null,
      fetched_at timestamptz not null,
      constraint foreign_root_configuration_pkey primary key (entity_id)
    )`.execute(db)
}

async function documents(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table agreement (
      id uuid not null,
      hash text not null,
      -- the payload part, verbatim: what every party signs
      payload text not null,
      sender text not null,
      received_at timestamptz not null,
      constraint agreement_pkey primary key (id),
      constraint agreement_hash_key unique (hash)
    )`.execute(db)
  await sql`
    create table agreement_signature (
      agreement uuid not null,
      entity_id text not null,
      kid text not null,
      protected text not null,
      signature text not null,
      received_at timestamptz not null,
      -- exactly one signature by each party (W9)
      constraint agreement_signature_pkey primary key (agreement, entity_id),
      constraint agreement_signature_agreement_fkey foreign key (agreement) references agreement (id)
    )`.execute(db)
  await sql`
    create table agreement_event (
      hash text not null,
      agreement uuid not null,
      entity_id text not null,
      seq integer not null,
      jws text not null,
      received_at timestamptz not null,
      constraint agreement_event_pkey primary key (hash),
      -- one chain for each party: no two events in one place
      constraint agreement_event_place_key unique (agreement, entity_id, seq),
      constraint agreement_event_agreement_fkey foreign key (agreement) references agreement (id)
    )`.execute(db)
  await sql`
    create table agreement_fork (
      id bigint generated always as identity,
      agreement uuid not null,
      entity_id text not null,
      -- the place in the chain of events; null where it is the terms that contradict
      seq integer,
      known text not null,
      other text not null,
      other_hash text not null,
      seen_at timestamptz not null,
      constraint agreement_fork_pkey primary key (id),
      constraint agreement_fork_other_key unique (agreement, other_hash),
      constraint agreement_fork_agreement_fkey foreign key (agreement) references agreement (id)
    )`.execute(db)
}

async function deliveries(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table agreement_delivery (
      id bigint generated always as identity,
      agreement uuid not null,
      recipient text not null,
      kind text not null,
      -- of an event: its hash
      event text,
      -- the jti of the request (W11): a retry keeps it
      request_id uuid not null,
      created_at timestamptz not null,
      attempts integer not null default 0,
      due_at timestamptz not null,
      delivered_at timestamptz,
      last_answer text,
      constraint agreement_delivery_pkey primary key (id),
      constraint agreement_delivery_request_key unique (request_id),
      constraint agreement_delivery_agreement_fkey foreign key (agreement) references agreement (id),
      constraint agreement_delivery_event_fkey foreign key (event) references agreement_event (hash),
      constraint agreement_delivery_kind check (kind in ('terms', 'signature', 'event')),
      constraint agreement_delivery_event check ((kind = 'event') = (event is not null))
    )`.execute(db)
  await sql`
    create index agreement_delivery_waiting_idx on agreement_delivery (recipient, agreement, id)
      where delivered_at is null`.execute(db)
  await sql`create index agreement_delivery_agreement_idx on agreement_delivery (agreement)`.execute(db)
}

async function lists(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table recognition_list (
      seq integer not null,
      -- of the entries: a list that says the same keeps its number
      content text not null,
      hash text not null,
      jws text not null,
      issued_at timestamptz not null,
      constraint recognition_list_pkey primary key (seq)
    )`.execute(db)
}
