/**
 * `no-package`: nothing packaged for this platform; `in-use`: the data folder belongs to a process that is alive;
 * `start`: PostgreSQL or initdb said no (the message has its last words).
 */
export type LocalPostgresFailure = 'no-package' | 'in-use' | 'start'

/** PostgreSQL could not be started here; `message` says what a person can do about it. */
export class LocalPostgresError extends Error {
  override readonly name = 'LocalPostgresError'
  readonly failure: LocalPostgresFailure

  constructor(failure: LocalPostgresFailure, message: string, options?: ErrorOptions) {
    super(message, options)
    this.failure = failure
  }
}
