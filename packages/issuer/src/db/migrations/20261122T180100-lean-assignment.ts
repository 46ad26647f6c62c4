import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const PARTITIONS = 16

/**
 * What an assignment costs, made smaller.
 *
 * The foreign key from record to ledger is dropped: it was half of the database's work. Both rows are written by one
 * statement, the record from what the ledger took, and no role may delete either; `readUnpairedCodes` finds what this
 * would have to have missed.
 *
 * An idempotency row keeps one hash of principal, operation and key in place of the three. Whoever runs the version
 * before this one must be stopped first: it would not find keys written after this.
 */
export const leanAssignment: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table assignment_record drop constraint assignment_record_code_ledger_fkey`.execute(db)
    await sql`alter table idempotency rename to idempotency_before`.execute(db)
    await sql`alter table idempotency_before rename constraint idempotency_pkey to idempotency_before_pkey`.execute(
      db,
    )
    for (let remainder = 0; remainder < PARTITIONS; remainder++) {
      await sql`
        alter table ${sql.id(`idempotency_${remainder}`)} rename to ${sql.id(`idempotency_before_${remainder}`)}`.execute(
        db,
      )
      await sql`
        alter index ${sql.id(`idempotency_${remainder}_pkey`)} rename to ${sql.id(`idempotency_before_${remainder}_pkey`)}`.execute(
        db,
      )
    }
    await sql`
      create table idempotency (
        scope_requester bigint not null,
        -- SHA-256 of principal, 0, operation, 0, SHA-256 of the key
        key_hash bytea not null,
        body_hash bytea not null,
        provider bigint not null,
        requester bigint not null,
        ontology bigint not null,
        instance bigint not null,
        constraint idempotency_pkey primary key (scope_requester, key_hash),
        constraint idempotency_lengths check (octet_length(key_hash) = 32 and octet_length(body_hash) = 32)
      ) partition by hash (scope_requester)`.execute(db)
    for (let remainder = 0; remainder < PARTITIONS; remainder++) {
      await sql`
        create table ${sql.id(`idempotency_${remainder}`)} partition of idempotency
          for values with (modulus ${sql.lit(PARTITIONS)}, remainder ${sql.lit(remainder)})`.execute(db)
    }
    await sql`
      insert into idempotency (scope_requester, key_hash, body_hash, provider, requester, ontology, instance)
      select scope_requester,
        sha256(convert_to(principal, 'UTF8') || '\\x00'::bytea || convert_to(operation, 'UTF8') || '\\x00'::bytea || key_hash),
        body_hash, provider, requester, ontology, instance
      from idempotency_before`.execute(db)
    await sql`drop table idempotency_before`.execute(db)
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert on idempotency to %I', app);
      end $do$`.execute(db)
  },
}
