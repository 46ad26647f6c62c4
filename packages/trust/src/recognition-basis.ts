import type {
  RecognitionAgreement,
  RecognitionEntry,
  RecognitionList,
  RootKeySetJws,
  VerifiedRootKeySet,
} from '@arc3088/records'

import type { SeenEvent } from './own-history.ts'

/** An agreement that all its parties signed, with the events that are here, each in its place. */
export interface VerifiedTerms {
  readonly terms: RecognitionAgreement
  readonly hash: string
  /** With when the list's root saw what came late. */
  readonly events: readonly SeenEvent[]
}

/** By what the pinned root recognises another: signed, whole, without contradiction. Dates and states are judged apart. */
export interface Recognition extends VerifiedTerms {
  /** The pinned root's newest key set. */
  readonly home: VerifiedRootKeySet
  readonly list: RecognitionList
  readonly entry: RecognitionEntry
  /** Key sets of the recognised root to walk: those of the entry, whose first the list pins, then those supplied. */
  readonly keySets: readonly RootKeySetJws[]
}

/** A foreign verdict needs a list younger than this (W10), in seconds. */
export const RECOGNITION_LIST_AGE_SECONDS_MAX = 600

export interface RecognitionPolicy {
  /** Age in seconds from which a list is `stale`; default {@link RECOGNITION_LIST_AGE_SECONDS_MAX}. */
  readonly maxAgeSeconds?: number
  /** The highest number seen: an older list is refused, however well it is signed. */
  readonly minSeq?: number
}
