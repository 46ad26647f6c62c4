import { bigintArray, byteaArray, integerArray, textArray, timestampArray } from '@arc3088/db'
import { formatLogEntry, type CompactJws, type LogEntry } from '@arc3088/records'
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
  readonly submission: Submission<unknown>
  /** Under which the submission is remembered; see `idempotencyHash`. */
  readonly keyHash: Uint8Array
  /** What the log will say of it. */
  readonly entry: LogEntry
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

/** Finds which submissions were granted before; one probe each, whatever the planner believes of sixteen partitions. */
export async function readReplays(
  db: Kysely<IssuerTables>,
  scopeRequesters: readonly number[],
  keyHashes: readonly Uint8Array[],
): Promise<Replay[]> {
  const { rows } = await sql<ReplayRow>`
    select wanted.nth::integer as nth, earlier.*
    from unnest(
      ${bigintArray(scopeRequesters)}::bigint[],
      ${byteaArray(keyHashes)}::bytea[]
    ) with ordinality as wanted (scope_requester, key_hash, nth)
    cross join lateral (
      select body_hash, provider, requester, ontology, instance
      from idempotency as i
      where i.scope_requester = wanted.scope_requester and i.key_hash = wanted.key_hash
      limit 1
    ) as earlier`.execute(db)
  if (rows.length === 0) return []
  // Nearly no request is a retry, so the records of those that are come by a statement of their own.
  const records = await readRecords(db, rows)
  return rows.flatMap(({ nth, body_hash: bodyHash, ...key }, place) => {
    const jws = records[place]
    return jws === undefined ? [] : [{ nth: nth - 1, bodyHash, key, jws }]
  })
}

interface ReplayRow extends CodeKey {
  nth: number
  body_hash: Uint8Array
}

/**
 * Writes ledger, record, idempotency row and log entry of each code that is free, and answers the keys that were. A key
 * that is not in the answer belongs to an earlier assignment: the ledger's primary key, and nothing else, is what makes
 * a code unique. One statement, so none of them can be without the others. An Idempotency-Key that was used meanwhile
 * fails it; those are written in one order by everybody, so that equal batches never wait for each other in a ring.
 */
export async function insertAssignments(
  tx: Transaction<IssuerTables>,
  rows: readonly AssignmentRow[],
  now: Date,
): Promise<CodeKey[]> {
  const { rows: free } = await sql<CodeKey>`
    with wanted as materialized (
      select * from unnest(
        ${bigintArray(rows.map((row) => row.key.provider))}::bigint[],
        ${bigintArray(rows.map((row) => row.key.requester))}::bigint[],
        ${bigintArray(rows.map((row) => row.key.ontology))}::bigint[],
        ${bigintArray(rows.map((row) => row.key.instance))}::bigint[],
        ${byteaArray(rows.map((row) => row.hash))}::bytea[],
        ${textArray(rows.map((row) => row.jws))}::text[],
        ${timestampArray(rows.map((row) => row.issuedAt))}::timestamptz[],
        ${integerArray(rows.map((row) => row.status.list))}::integer[],
        ${integerArray(rows.map((row) => row.status.index))}::integer[],
        ${bigintArray(rows.map((row) => row.submission.scopeRequester))}::bigint[],
        ${byteaArray(rows.map((row) => row.keyHash))}::bytea[],
        ${byteaArray(rows.map((row) => row.submission.idempotency.bodyHash))}::bytea[],
        ${textArray(rows.map((row) => formatLogEntry(row.entry)))}::text[]
      ) as given (provider, requester, ontology, instance, hash, jws, issued_at, status_list, status_index,
        scope_requester, key_hash, body_hash, entry)
    ), free as (
      insert into code_ledger (provider, requester, ontology, instance, assigned_at)
      select provider, requester, ontology, instance, issued_at from wanted
      on conflict do nothing
      returning provider, requester, ontology, instance
    ), recorded as (
      insert into assignment_record
        (provider, requester, ontology, instance, hash, jws, issued_at, status_list, status_index)
      select provider, requester, ontology, instance, hash, jws, issued_at, status_list, status_index
      from wanted join free using (provider, requester, ontology, instance)
    ), remembered as (
      insert into idempotency (scope_requester, key_hash, body_hash, provider, requester, ontology, instance)
      select scope_requester, key_hash, body_hash, provider, requester, ontology, instance
      from wanted join free using (provider, requester, ontology, instance)
      order by scope_requester, key_hash
    ), queued as (
      insert into log_queue (entries, queued_at)
      select array_agg(entry), ${now}::timestamptz
      from wanted join free using (provider, requester, ontology, instance)
      having count(*) > 0
    )
    select provider, requester, ontology, instance from free`.execute(tx)
  return free
}

/**
 * Codes of the ledger without a record, and records without a ledger row, at most `limit`. There are none, but for
 * codes that were burnt; a check for operators and tests, not for a request.
 */
export async function readUnpairedCodes(db: Kysely<IssuerTables>, limit: number): Promise<CodeKey[]> {
  const { rows } = await sql<CodeKey>`
    select provider, requester, ontology, instance
    from code_ledger l full join assignment_record r using (provider, requester, ontology, instance)
    where l.assigned_at is null or r.issued_at is null
    limit ${limit}`.execute(db)
  return rows
}

/** The same, without codes that were burnt after a restore: of those there are none at all. */
export async function readUnexplainedCodes(db: Kysely<IssuerTables>, limit: number): Promise<CodeKey[]> {
  const { rows } = await sql<CodeKey>`
    select code.* from (
      select provider, requester, ontology, instance
      from code_ledger l full join assignment_record r using (provider, requester, ontology, instance)
      where l.assigned_at is null or r.issued_at is null
    ) as code
    left join burnt_code as burnt using (provider, requester, ontology, instance)
    where burnt.burnt_at is null
    limit ${limit}`.execute(db)
  return rows
}

/** Reads many records at once; the answer stands in the order of the keys, with `undefined` where none was assigned. */
export async function readRecords(
  db: Kysely<IssuerTables>,
  keys: readonly CodeKey[],
): Promise<(CompactJws | undefined)[]> {
  const found = await readListedRecords(db, keys)
  return found.map((record) => record?.jws)
}

/** As `readRecords`, with the number of the status list that each refers to. */
export async function readListedRecords(
  db: Kysely<IssuerTables>,
  keys: readonly CodeKey[],
): Promise<({ readonly jws: CompactJws; readonly list: number } | undefined)[]> {
  const { rows } = await sql<{ nth: number; jws: CompactJws; list: number }>`
    select wanted.nth::integer as nth, r.jws, r.status_list as list
    from unnest(
      ${keys.map((key) => key.provider)}::bigint[],
      ${keys.map((key) => key.requester)}::bigint[],
      ${keys.map((key) => key.ontology)}::bigint[],
      ${keys.map((key) => key.instance)}::bigint[]
    ) with ordinality as wanted (provider, requester, ontology, instance, nth)
    join assignment_record r using (provider, requester, ontology, instance)`.execute(db)
  const found = new Map(rows.map(({ nth, jws, list }) => [nth, { jws, list }]))
  return keys.map((_, nth) => found.get(nth + 1))
}

/** Reads the record of a code with its present status, or undefined where none was ever assigned. */
export async function readStoredRecord(
  db: Kysely<IssuerTables>,
  key: CodeKey,
): Promise<StoredRecord | undefined> {
  const row = await db
    .selectFrom('assignment_record as record')
    .leftJoinLateral(
      (from) =>
        from
          .selectFrom('status_entry')
          .select(['status', 'changed_at'])
          .whereRef('status_entry.list', '=', 'record.status_list')
          .whereRef('status_entry.index', '=', 'record.status_index')
          // One probe, whatever the planner believes of sixteen partitions.
          .limit(1)
          .as('entry'),
      (join) => join.onTrue(),
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
