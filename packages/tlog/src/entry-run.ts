import { sha256Into } from '#sha256'

import { ENTRY_BYTES_MAX, PREFIX_BYTES } from './entry-bundle.ts'
import { HASH_BYTES, LEAF_PREFIX } from './leaf-hash.ts'

/** Entries as bundles have them, however many, and as a tree has them. */
export interface EntryRun {
  /** One after the other, each behind its length. */
  readonly bytes: Uint8Array
  /** For each, where it ends in `bytes`. */
  readonly ends: readonly number[]
  /** The leaf of each (`hashLeaf`), one after the other. */
  readonly leaves: Uint8Array
}

/** A UTF-16 unit has no more in UTF-8. */
const UNIT_BYTES_MAX = 3

const encoder = new TextEncoder()

/** Encodes and hashes entries where they will stand, without a copy of each. Throws for one that is too long. */
export function encodeEntryRun(entries: readonly string[]): EntryRun {
  const bytes = new Uint8Array(
    entries.reduce((sum, { length }) => sum + PREFIX_BYTES + UNIT_BYTES_MAX * length, 0),
  )
  const leaves = new Uint8Array(entries.length * HASH_BYTES)
  const ends: number[] = []
  let at = 0
  for (const [nth, entry] of entries.entries()) {
    const { written } = encoder.encodeInto(entry, bytes.subarray(at + PREFIX_BYTES))
    if (written > ENTRY_BYTES_MAX) throw new Error('an entry has 65535 bytes at most')
    const end = at + PREFIX_BYTES + written
    // Until its length is written, the byte before an entry is what keeps leaves and nodes apart.
    bytes[at + 1] = LEAF_PREFIX
    sha256Into(bytes.subarray(at + 1, end), leaves, nth * HASH_BYTES)
    bytes[at] = written >>> 8
    bytes[at + 1] = written & 0xff
    ends.push(end)
    at = end
  }
  return { bytes: bytes.subarray(0, at), ends, leaves }
}
