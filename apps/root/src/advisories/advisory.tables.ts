import type { ColumnType } from 'kysely'

type Fixed<T> = ColumnType<T, T, never>

/** Advisories and what providers answered to them. */
export interface AdvisoryTables {
  advisory_version: {
    advisory: Fixed<string>
    version: Fixed<number>
    proposal_id: Fixed<string>
    hash: Fixed<string>
    jws: Fixed<string>
    issued_at: Fixed<Date>
  }
  advisory_acknowledgement: {
    advisory: Fixed<string>
    version: Fixed<number>
    provider: Fixed<number>
    request_id: Fixed<string>
    request_hash: Fixed<string>
    request_jws: Fixed<string>
    acknowledged_at: Fixed<Date>
  }
}
