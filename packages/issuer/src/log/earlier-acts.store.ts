import type { LogEntryType } from '@arc3088/records'
import { sql, type Kysely, type Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'

/** An act of the time before the log, with the record of its code. */
export interface EarlierAct {
  readonly id: string
  readonly type: LogEntryType
  readonly hash: Uint8Array
  readonly at: Date
  readonly record: string
}

/** Reads the requesters, at most `limit`, that got their codes before codes were hidden in a log. */
export async function readRequestersWithoutKey(db: Kysely<IssuerTables>, limit: number): Promise<number[]> {
  const { rows } = await sql<{ requester: number }>`
    select l.requester from code_ledger l
    where l.requester > 0 and l.ontology = 0 and l.instance = 0
      and not exists (select from log_key k where k.requester = l.requester)
    limit ${limit}`.execute(db)
  return rows.map(({ requester }) => requester)
}

/** Takes the oldest acts, at most `limit`, out of the table that the queue has replaced. */
export async function takeEarlierActs(tx: Transaction<IssuerTables>, limit: number): Promise<EarlierAct[]> {
  const { rows } = await sql<EarlierAct>`
    with taken as (
      delete from outbox where id in (select id from outbox order by id limit ${limit})
      returning id, act, hash, issued_at, provider, requester, ontology, instance
    )
    select t.id, t.act as type, t.hash, t.issued_at as at, r.jws as record
    from taken t join assignment_record r using (provider, requester, ontology, instance)
    order by t.id`.execute(tx)
  return rows
}
