import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const PARTITIONS = 16

/**
 * What was asked under which key, kept for ever: written in the transaction of the assignment itself, so that
 * there is never a claim without a code. And one outbox row per act, for the log and the feed.
 */
export const idempotencyAndOutbox: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table idempotency (
        scope_requester bigint not null,
        principal text not null,
        operation text not null,
        key_hash bytea not null,
        body_hash bytea not null,
        provider bigint not null,
        requester bigint not null,
        ontology bigint not null,
        instance bigint not null,
        created_at timestamptz not null,
        constraint idempotency_pkey primary key (scope_requester, principal, operation, key_hash),
        constraint idempotency_hash_length check (octet_length(key_hash) = 32 and octet_length(body_hash) = 32)
      ) partition by hash (scope_requester)`.execute(db)
    for (let remainder = 0; remainder < PARTITIONS; remainder++) {
      await sql`
        create table ${sql.id(`idempotency_${remainder}`)} partition of idempotency
          for values with (modulus ${sql.lit(PARTITIONS)}, remainder ${sql.lit(remainder)})`.execute(db)
    }
    await sql`
      create table outbox (
        id uuid not null,
        act text not null,
        provider bigint not null,
        requester bigint not null,
        ontology bigint not null,
        instance bigint not null,
        hash bytea not null,
        issued_at timestamptz not null,
        constraint outbox_pkey primary key (id),
        constraint outbox_act check (act in ('assign', 'status', 'describe', 'bind', 'endorse', 'decision', 'agreement', 'list', 'advisory')),
        constraint outbox_hash_length check (octet_length(hash) = 32)
      )`.execute(db)
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert on idempotency, outbox to %I', app);
      end $do$`.execute(db)
  },
}
