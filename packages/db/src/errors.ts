/** True when PostgreSQL refused a row because of the constraint of that name. */
export function violates(error: unknown, constraint: string): boolean {
  return (
    isObject(error) &&
    typeof error['code'] === 'string' &&
    error['code'].startsWith(INTEGRITY_CONSTRAINT_VIOLATION) &&
    error['constraint'] === constraint
  )
}

/** SQLSTATE class 23. */
const INTEGRITY_CONSTRAINT_VIOLATION = '23'

/** The transaction did nothing, and may well succeed when run again from its beginning. */
const RETRYABLE_STATES: ReadonlySet<string> = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '53300', // too_many_connections
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
])

/** SQLSTATE class 08: connection exceptions. */
const CONNECTION_EXCEPTION = /^08[0-9A-Z]{3}$/

/** pg gives a lost connection no code, so its words are all there is (pg 8.23: client.js, query.js). */
const LOST_CONNECTION_MESSAGES: ReadonlySet<string> = new Set([
  'Connection terminated',
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'Client has encountered a connection error and is not queryable',
  'timeout exceeded when trying to connect',
])

/**
 * True for serialization failures, deadlocks and lost connections. After a connection lost during COMMIT
 * nobody knows whether the transaction happened: retry only what is idempotent.
 */
export function isRetryable(error: unknown): boolean {
  if (!isObject(error)) return false
  const { code, message } = error
  if (typeof code === 'string' && (RETRYABLE_STATES.has(code) || CONNECTION_EXCEPTION.test(code))) return true
  return typeof message === 'string' && LOST_CONNECTION_MESSAGES.has(message)
}

/** SQLSTATE query_canceled: a statement ran longer than the connection allows. */
const QUERY_CANCELED = '57014'

/** True for a statement that was ended because it took too long, such as one that waited for a lock. */
export function isTimeout(error: unknown): boolean {
  return isObject(error) && error['code'] === QUERY_CANCELED
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
