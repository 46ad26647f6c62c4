import type { ColumnType, GeneratedAlways } from 'kysely'

type Fixed<T> = ColumnType<T, T, never>

/** The history of the status entries. */
export interface StatusChangeTables {
  status_change: {
    id: GeneratedAlways<number>
    list: Fixed<number>
    index: Fixed<number>
    status: Fixed<number>
    changed_at: Fixed<Date>
    hash: Fixed<Uint8Array | null>
    /** `xid8`, as text; given by the database. */
    xid: ColumnType<string, never, never>
  }
}
