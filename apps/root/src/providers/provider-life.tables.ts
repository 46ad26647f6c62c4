import type { ColumnType } from 'kysely'

type Fixed<T> = ColumnType<T, T, never>

/** The lives of providers. */
export interface ProviderLifeTables {
  provider_entry: {
    hash: Fixed<string>
    provider: Fixed<number>
    seq: Fixed<number>
    jws: Fixed<string>
    statement_status_list: Fixed<number | null>
    statement_status_index: Fixed<number | null>
    written_at: Fixed<Date>
  }
  provider_entity: {
    entity_id: Fixed<string>
    provider: Fixed<number>
    since: Fixed<Date>
  }
}
