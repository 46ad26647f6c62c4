import type { CompactJws } from '@arc3088/records'
import { sql, type Kysely, type Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { StatusIndex } from '../numbering/supply.ts'
import type { CodeKey } from './code-key.ts'
import type { Submission } from './tier.ts'

/** A stored record with what a live answer needs. */
export interface StoredRecord {
  readonly key: CodeKey
  readonly jws: CompactJws
  readonly issuedAt: Date
  readonly status: StatusIndex
  /** The entry's value in its status list; 0 is valid. */
  readonly statusValue: number
  readonly statusSince: Date | null
}

/** What an earlier submission under the same key got, and a hash of what it asked. */
export interface Replay {
  readonly nth: number
  readonly bodyHash: Uint8Array
  readonly key: CodeKey
  readonly jws: CompactJws
}

/** The rows of one assignment that are the same at every tier. */
export interface AssignmentRow {
  readonly key: CodeKey
  readonly hash: Uint8Array
  readonly jws: CompactJws
  readonly issuedAt: Date
  readonly status: StatusIndex
  readonly outboxId: string
}

/**
 * Sees a database or transaction over an app's tables as one over the issuer's. Kysely's table types only guide
 * the compiler, and every app's tables extend these.
 */
export function issuerTables<Tables extends IssuerTables>(tx: Transaction<Tables>): Transaction<IssuerTables>
export function issuerTables<Tables extends IssuerTables>(db: Kysely<Tables>): Kysely<IssuerTables>
export function issuerTables(db: unknown): unknown {
  return db
}

/** Takes advisory locks until the end of the transaction, in one order for everybody. */
export async function lockNames(tx: Transaction<IssuerTables>, names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  const ordered = [...new Set(names)].toSorted()
  await sql`
    select pg_advisory_xact_lock(hashtextextended(name, 3088))
    from unnest(${ordered}::text[]) with ordinality as wanted (name, nth) order by nth`.execute(tx)
}

/** Finds which submissions were granted before; one probe each. */
export async function readReplays(
  db: Kysely<IssuerTables>,
  operation: string,
  submissions: readonly Submission<unknown>[],
): Promise<Replay[]> {
  const { rows } = await sql<ReplayRow>`
    select wanted.nth::integer as nth, i.body_hash, i.provider, i.requester, i.ontology, i.instance, r.jws
    from unnest(
      ${submissions.map((s) => s.scopeRequester)}::bigint[],
      ${submissions.map((s) => s.principal)}::text[],
      ${submissions.map((s) => asBytea(s.idempotency.keyHash))}::bytea[]
    ) with ordinality as wanted (scope_requester, principal, key_hash, nth)
    join idempotency i on i.scope_requester = wanted.scope_requester and i.principal = wanted.principal
      and i.operation = ${operation} and i.key_hash = wanted.key_hash
    join assignment_record r using (provider, requester, ontology, instance)`.execute(db)
  return rows.map(({ nth, body_hash, jws, ...key }) => ({ nth: nth - 1, bodyHash: body_hash, key, jws }))
}

interface ReplayRow extends CodeKey {
  nth: number
  body_hash: Uint8Array
  jws: CompactJws
}

/**
 * Writes the ledger rows and answers the keys that were free. A key that is not in the answer belongs to an
 * earlier assignment: the ledger's primary key, and nothing else, is what makes a code unique.
 */
export async function insertLedgerRows(
  tx: Transaction<IssuerTables>,
  keys: readonly CodeKey[],
  assignedAt: Date,
): Promise<CodeKey[]> {
  const { rows } = await sql<CodeKey>`
    insert into code_ledger (provider, requester, ontology, instance, assigned_at)
    select provider, requester, ontology, instance, ${assignedAt}::timestamptz
    from unnest(
      ${keys.map((key) => key.provider)}::bigint[],
      ${keys.map((key) => key.requester)}::bigint[],
      ${keys.map((key) => key.ontology)}::bigint[],
      ${keys.map((key) => key.instance)}::bigint[]
    ) as wanted (provider, requester, ontology, instance)
    on conflict do nothing
    returning provider, requester, ontology, instance`.execute(tx)
  return rows
}

/** Writes the signed records. */
export async function insertRecords(
  tx: Transaction<IssuerTables>,
  rows: readonly AssignmentRow[],
): Promise<void> {
  await sql`
    insert into assignment_record
      (provider, requester, ontology, instance, hash, jws, issued_at, status_list, status_index)
    select * from unnest(
      ${rows.map((row) => row.key.provider)}::bigint[],
      ${rows.map((row) => row.key.requester)}::bigint[],
      ${rows.map((row) => row.key.ontology)}::bigint[],
      ${rows.map((row) => row.key.instance)}::bigint[],
      ${rows.map((row) => asBytea(row.hash))}::bytea[],
      ${rows.map((row) => row.jws)}::text[],
      ${rows.map((row) => row.issuedAt.toISOString())}::timestamptz[],
      ${rows.map((row) => row.status.list)}::integer[],
      ${rows.map((row) => row.status.index)}::integer[]
    )`.execute(tx)
}

/** Remembers what was asked under which key. A key that was used meanwhile fails the statement. */
export async function insertIdempotencyRows(
  tx: Transaction<IssuerTables>,
  operation: string,
  rows: readonly { submission: Submission<unknown>; key: CodeKey }[],
  createdAt: Date,
): Promise<void> {
  await sql`
    insert into idempotency
      (scope_requester, principal, operation, key_hash, body_hash, provider, requester, ontology, instance, created_at)
    select scope_requester, principal, ${operation}, key_hash, body_hash, provider, requester, ontology, instance,
      ${createdAt}::timestamptz
    from unnest(
      ${rows.map(({ submission }) => submission.scopeRequester)}::bigint[],
      ${rows.map(({ submission }) => submission.principal)}::text[],
      ${rows.map(({ submission }) => asBytea(submission.idempotency.keyHash))}::bytea[],
      ${rows.map(({ submission }) => asBytea(submission.idempotency.bodyHash))}::bytea[],
      ${rows.map(({ key }) => key.provider)}::bigint[],
      ${rows.map(({ key }) => key.requester)}::bigint[],
      ${rows.map(({ key }) => key.ontology)}::bigint[],
      ${rows.map(({ key }) => key.instance)}::bigint[]
    ) as written (scope_requester, principal, key_hash, body_hash, provider, requester, ontology, instance)`.execute(
    tx,
  )
}

/** Queues one act each for the log and the feed. Order is given by whoever drains the queue, never here. */
export async function insertOutboxRows(
  tx: Transaction<IssuerTables>,
  rows: readonly AssignmentRow[],
): Promise<void> {
  await sql`
    insert into outbox (id, act, provider, requester, ontology, instance, hash, issued_at)
    select id, 'assign', provider, requester, ontology, instance, hash, issued_at
    from unnest(
      ${rows.map((row) => row.outboxId)}::uuid[],
      ${rows.map((row) => row.key.provider)}::bigint[],
      ${rows.map((row) => row.key.requester)}::bigint[],
      ${rows.map((row) => row.key.ontology)}::bigint[],
      ${rows.map((row) => row.key.instance)}::bigint[],
      ${rows.map((row) => asBytea(row.hash))}::bytea[],
      ${rows.map((row) => row.issuedAt.toISOString())}::timestamptz[]
    ) as written (id, provider, requester, ontology, instance, hash, issued_at)`.execute(tx)
}

/** Reads the record of a code with its present status, or undefined where none was ever assigned. */
export async function readStoredRecord(
  db: Kysely<IssuerTables>,
  key: CodeKey,
): Promise<StoredRecord | undefined> {
  const row = await db
    .selectFrom('assignment_record as record')
    .leftJoin('status_entry as entry', (join) =>
      join.onRef('entry.list', '=', 'record.status_list').onRef('entry.index', '=', 'record.status_index'),
    )
    .select(['jws', 'issued_at', 'status_list', 'status_index', 'entry.status', 'entry.changed_at'])
    .where('provider', '=', key.provider)
    .where('requester', '=', key.requester)
    .where('ontology', '=', key.ontology)
    .where('instance', '=', key.instance)
    .executeTakeFirst()
  if (row === undefined) return undefined
  return {
    key,
    jws: row.jws,
    issuedAt: row.issued_at,
    status: { list: row.status_list, index: row.status_index },
    statusValue: row.status ?? 0,
    statusSince: row.changed_at,
  }
}

/** PostgreSQL's hex form: the driver does not know bytes inside an array of bytea. */
function asBytea(bytes: Uint8Array): string {
  return `\\x${Buffer.from(bytes).toString('hex')}`
}
