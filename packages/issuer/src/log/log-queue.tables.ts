import type { ColumnType, GeneratedAlways } from 'kysely'

type Fixed<T> = ColumnType<T, T, never>

/** What waits for the log, and the keys that hide codes in it. */
export interface LogQueueTables {
  log_queue: {
    id: GeneratedAlways<number>
    entries: Fixed<string[]>
    queued_at: Fixed<Date>
  }
  log_key: {
    requester: Fixed<number>
    key: Fixed<Uint8Array>
  }
}
