import type { ColumnType } from 'kysely'

type Fixed<T> = ColumnType<T, T, never>

/** The segments of the feed that are complete: their bytes are made anew from the log, their digests once. */
export interface FeedTables {
  feed_segment: {
    first: Fixed<number>
    last: Fixed<number>
    /** SHA-256 of the lines. */
    digest: Fixed<Uint8Array>
    /** Length of the lines. */
    bytes: Fixed<number>
    made_at: Fixed<Date>
  }
}
