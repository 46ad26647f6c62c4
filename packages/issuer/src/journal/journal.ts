import type { Level } from '@arc3088/codec'

import type { CodeKey } from '../assignment/code-key.ts'
import type { NumberingRange } from '../numbering/numbering-plan.ts'

/** How far a range of numbers is leased: positions 0 … upTo-1 may have been given. */
export interface RangeMark {
  readonly rangeId: string
  readonly upTo: number
}

/** How far a status list is leased: positions 0 … upTo-1 may have been given. */
export interface StatusListMark {
  readonly statusList: number
  readonly level: Level
  readonly upTo: number
}

/** The highest number under which a document was shown, of those whose number tells readers which is newer. */
export interface IssueMark {
  /** Which document. */
  readonly name: string
  readonly seq: number
  /** What its next issue names as the one before. */
  readonly hash: string
}

/** A range as it must be made again where the database no longer knows it: with the secret of its order. */
export interface RangeDefinition extends NumberingRange {
  readonly id: string
  readonly scrambleKey: Uint8Array | null
}

/** Entries that a drain put into the log, from a leaf index on. */
export interface AppendedEntries {
  readonly from: number
  readonly entries: readonly string[]
}

/**
 * What a node keeps off its database, so that a database put back to an older backup is noticed and nothing that
 * was acknowledged is given again (GB/Z 185.2 5.2, 6 a). A promise resolves when its line is on the disk; calls made
 * in one turn share one fsync. A journal that failed once (disk full, EIO) refuses everything from then on.
 *
 * Order: a lease is committed, journaled, used. A chosen code is committed, journaled, acknowledged. Entries are
 * committed, journaled, and only then is a checkpoint over them journaled and shown.
 */
export interface Journal {
  lease(mark: RangeMark | StatusListMark): Promise<void>
  /** A range from which numbers are about to be leased; told once a process. */
  range(definition: RangeDefinition): Promise<void>
  /** Chosen codes about to be acknowledged. */
  chosen(keys: readonly CodeKey[]): Promise<void>
  /** A document with a new number, before it is shown. */
  issue(mark: IssueMark): Promise<void>
  /** Entries of the log, before a checkpoint over them is shown. */
  appended(drain: AppendedEntries): Promise<void>
  /** The text of a signed checkpoint, before it is shown. */
  checkpoint(note: string): Promise<void>
}
