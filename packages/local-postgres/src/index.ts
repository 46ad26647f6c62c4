export { LocalPostgresError } from './local-postgres-error.ts'
export type { LocalPostgresFailure } from './local-postgres-error.ts'
export { postgresFor, startLocalPostgres } from './start.ts'
export type { LocalPostgres, LocalPostgresOptions, PostgresServer } from './start.ts'
