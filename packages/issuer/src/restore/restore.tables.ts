import type { ColumnType } from 'kysely'

type Fixed<T> = ColumnType<T, T, never>

/** What a restore from an older backup lost: acknowledged once, never given again. */
export interface RestoreTables {
  burnt_code: {
    provider: Fixed<number>
    requester: Fixed<number>
    ontology: Fixed<number>
    instance: Fixed<number>
    reason: Fixed<string>
    burnt_at: Fixed<Date>
  }
  /** Positions of a range, in the order of its leases. */
  burnt_block: {
    range_id: Fixed<string>
    position_first: Fixed<number>
    position_count: Fixed<number>
    reason: Fixed<string>
    burnt_at: Fixed<Date>
  }
}
