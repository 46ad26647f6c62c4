import type { LogEntryType } from '@arc3088/records'

/** Which proof is wanted. */
export interface ProofOptions {
  /** `assign` unless said otherwise. */
  readonly type?: LogEntryType
  /** The size of a checkpoint that is kept or still there; else the newest. */
  readonly against?: number
}
