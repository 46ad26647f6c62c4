import type { ColumnType, Generated } from 'kysely'

type Fixed<T> = ColumnType<T, T, never>

/** The log as it is stored: the tree, where each record stands in it, and what was said of it. */
export interface LogTables {
  /** One row: the tree as it is, and whose turn it is to write it. */
  log_state: {
    sole: Generated<true>
    origin: Fixed<string>
    term: number
    size: number
    root: Uint8Array
  }
  /** Level -1 holds the entries, the others hashes (tlog-tiles). */
  log_tile: {
    level: Fixed<number>
    index: Fixed<number>
    width: number
    data: Uint8Array
  }
  /** The first eight bytes of a record's hash, read as a signed big-endian number, and where its entries stand. */
  log_position: {
    hash64: Fixed<string>
    position: Fixed<number>
  }
  log_checkpoint: {
    size: Fixed<number>
    note: string
    signed_at: Fixed<Date>
    /** When it was in the journal: from then on it may be shown. */
    published_at: Date | null
    /** When enough witnesses had cosigned it. */
    witnessed_at: Date | null
    /** Never pruned. */
    kept: Generated<boolean>
  }
}
