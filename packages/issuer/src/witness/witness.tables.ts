import type { ColumnType } from 'kysely'

type Fixed<T> = ColumnType<T, T, never>

/** What this node saw last of others' logs, and what proves that one of them lied. */
export interface WitnessTables {
  witnessed_log: {
    origin: Fixed<string>
    size: number
    root: Uint8Array
    /** Null until the first cosignature: the row is the lock of the origin. */
    note: string | null
    cosigned_at: Date | null
  }
  fork_evidence: {
    origin: Fixed<string>
    size: Fixed<number>
    root_known: Fixed<Uint8Array>
    root_new: Fixed<Uint8Array>
    note_known: Fixed<string>
    note_new: Fixed<string>
    seen_at: Fixed<Date>
  }
}
