import type {
  AssignmentRecord,
  EntityConfiguration,
  Read,
  RecognitionList,
  StatusListToken,
  SubordinateStatement,
  VerifiedRootKeySet,
} from '@arc3088/records'
import type { Witnessed } from '@arc3088/tlog'

import type { ProvenEntry } from './proven-entry.ts'
import type { VerifiedTerms } from './recognition-basis.ts'

/**
 * What was found good about texts: kept by the very text, and by all that the finding depends on besides it (the scope).
 * Nothing that was found bad is kept, so a changed character is always looked at anew.
 */
export interface Shelf<Value> {
  get(scope: string, text: string): Value | undefined
  set(scope: string, text: string, value: Value): void
}

/**
 * A bounded memory of verified parts, for whoever verifies much evidence with parts in common: statements, status
 * lists, the records of providers and requesters. No verdict is kept and no date judged from it.
 */
export interface EvidenceMemory {
  /** Decoded documents, whose signature was good under some keys; under which, `signatures` knows. */
  readonly configurations: Shelf<Read<EntityConfiguration>>
  readonly statements: Shelf<Read<SubordinateStatement>>
  readonly records: Shelf<Read<AssignmentRecord>>
  readonly tokens: Shelf<Read<StatusListToken>>
  readonly recognitionLists: Shelf<Read<RecognitionList>>
  /** Documents that one of the keys which are the scope has signed. */
  readonly signatures: Shelf<true>
  readonly keySets: Shelf<VerifiedRootKeySet>
  /** Agreements with their events, by the text of all that they were verified with. */
  readonly agreements: Shelf<VerifiedTerms>
  /** Inflated status lists. */
  readonly lists: Shelf<Uint8Array>
  /** Log proofs that hold under the log and witnesses which are the scope. */
  readonly proofs: Shelf<ProvenEntry>
  /** Checkpoints that hold under them; most proofs of one log share one. */
  readonly checkpoints: Shelf<Witnessed>
}

const MIB = 1024 * 1024
const MEMORY_BYTES_MAX = 64 * MIB
/** What a decoded document weighs, about, for each character of its text. */
const DECODED_WEIGHT = 3
const ENTRY_BYTES = 256

interface Kept<Value> {
  readonly values: Map<string, Value>
  weight: number
}

/** Forgets what was used longest ago once it weighs more than its bound. */
function createShelf<Value>(bytesMax: number, weigh: (text: string, value: Value) => number): Shelf<Value> {
  // By text first: long texts are compared as they are, never joined with a scope into a longer key.
  const entries = new Map<string, Kept<Value>>()
  let total = 0
  return {
    get(scope, text) {
      const kept = entries.get(text)
      if (kept === undefined) return undefined
      entries.delete(text)
      entries.set(text, kept)
      return kept.values.get(scope)
    },
    set(scope, text, value) {
      const kept = entries.get(text) ?? { values: new Map<string, Value>(), weight: 0 }
      if (entries.delete(text)) total -= kept.weight
      if (!kept.values.has(scope)) kept.weight += ENTRY_BYTES + text.length + weigh(text, value)
      kept.values.set(scope, value)
      if (kept.weight > bytesMax) return
      entries.set(text, kept)
      total += kept.weight
      for (const [oldest, { weight }] of entries) {
        if (total <= bytesMax) break
        entries.delete(oldest)
        total -= weight
      }
    },
  }
}

/** Builds an empty memory of at most `bytesMax` (default 64 MiB, about a thousand status lists), divided among its shelves. */
export function createEvidenceMemory({
  bytesMax = MEMORY_BYTES_MAX,
}: { bytesMax?: number } = {}): EvidenceMemory {
  const decoded = (text: string) => DECODED_WEIGHT * text.length
  return {
    configurations: createShelf(bytesMax / 16, decoded),
    statements: createShelf(bytesMax / 16, decoded),
    records: createShelf(bytesMax / 8, decoded),
    tokens: createShelf(bytesMax / 8, decoded),
    recognitionLists: createShelf(bytesMax / 32, decoded),
    signatures: createShelf(bytesMax / 16, () => 0),
    keySets: createShelf(bytesMax / 32, decoded),
    agreements: createShelf(bytesMax / 32, decoded),
    lists: createShelf(bytesMax / 4, (_, list) => list.length),
    proofs: createShelf(bytesMax / 8, () => ENTRY_BYTES),
    checkpoints: createShelf(bytesMax / 8, () => ENTRY_BYTES),
  }
}
