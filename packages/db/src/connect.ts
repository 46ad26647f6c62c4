import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'

import { PreparingClient } from './preparing-client.ts'
import { getTypeParser } from './type-parsers.ts'

export interface ConnectOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string
  /** The most connections the pool opens. `migrateAll` needs two. */
  readonly max: number
  /** Shown in pg_stat_activity. */
  readonly applicationName: string
  /** Hears of a connection that broke while idle (the server stopped, say); the pool has already dropped it. */
  readonly onIdleError: (error: Error) => void
  /** How long a caller waits for a free connection before it gets an error. */
  readonly connectTimeoutMs?: number
  /** PostgreSQL cancels a statement that runs longer. Unset: no limit. */
  readonly statementTimeoutMs?: number
  /** PostgreSQL ends a session that holds a transaction open, idle, for longer. Unset: no limit. */
  readonly idleInTransactionTimeoutMs?: number
}

const CONNECT_TIMEOUT_MS = 10_000

/**
 * Opens a pool on one database. Nothing is sent until the first query; `destroy()` closes it.
 * `bigint` comes back as a safe integer (an error above 2^53-1), `timestamptz` as Date, `date` as text.
 */
export function connect<DB>(options: ConnectOptions): Kysely<DB> {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.max,
    Client: PreparingClient,
    application_name: options.applicationName,
    connectionTimeoutMillis: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    types: { getTypeParser },
    ...(options.statementTimeoutMs === undefined ? {} : { statement_timeout: options.statementTimeoutMs }),
    ...(options.idleInTransactionTimeoutMs === undefined
      ? {}
      : { idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs }),
  })
  // Without a listener an idle client's error is thrown, and ends the process.
  pool.on('error', options.onIdleError)
  // The pool listens only to idle clients. One in use that breaks between two queries would end the process just the
  // same; whoever uses it learns of it from the next query.
  pool.on('connect', (client) => client.on('error', () => undefined))
  return new Kysely<DB>({ dialect: new PostgresDialect({ pool }) })
}
