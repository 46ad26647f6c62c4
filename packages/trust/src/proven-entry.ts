import type { LogEntry, NumericDate } from '@arc3088/records'

/** An entry whose place in a log is proved: the log signed the tree, and as many witnesses as its anchor asks for saw it. */
export interface ProvenEntry {
  readonly entry: LogEntry
  readonly index: number
  /** Of the tree it was proved against. */
  readonly size: number
  /** Root of that tree, base64url. */
  readonly root: string
  readonly origin: string
  /** When the quorum was reached; absent where the anchor asks for none. */
  readonly witnessedAt?: NumericDate
  /** The proof, verbatim. */
  readonly proof: string
}
