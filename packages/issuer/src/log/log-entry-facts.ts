/** What the log itself has to know of an entry: whose it is and of what kind. */
export interface EntryFacts {
  /** base64url SHA-256 of the record. */
  readonly hash: string
  readonly type: string
}

/** The spelling of `formatLogEntry`, read in a tenth of the time that a strict parse takes. */
const ENTRY = /^\{"c":"(?:[^"\\]|\\.)+","h":"([\w-]{43})","i":(?:0|[1-9]\d*),"t":"([a-z]+)","v":1\}$/

/** Undefined for a text that is not spelt as an entry is. */
export function readEntryFacts(entry: string): EntryFacts | undefined {
  // By number: an object of names for each entry takes as long as the match.
  const [, hash, type] = ENTRY.exec(entry) ?? []
  return hash === undefined || type === undefined ? undefined : { hash, type }
}

/** The first eight bytes of a record's hash as PostgreSQL's bigint has them: signed, big-endian. */
export function hash64Of(hash: Uint8Array): bigint {
  return new DataView(hash.buffer, hash.byteOffset, hash.byteLength).getBigInt64(0)
}

const HASH64_BYTES = 8
/** Characters of base64url that have eight bytes. */
const HASH64_CHARACTERS = 11
const INT8_OID = 20
const ARRAY_HEADER_BYTES = 20
const ELEMENT_BYTES = 4 + HASH64_BYTES

/**
 * `hash64Of` of hashes in base64url, as a bigint[] in PostgreSQL's binary form, which neither side has to spell: one
 * dimension from 1 on, no nulls. Throws for none, since that has another form.
 */
export function hash64Array(hashes: readonly string[]): Buffer {
  if (hashes.length === 0) throw new Error('an array of none has no dimension')
  const array = Buffer.alloc(ARRAY_HEADER_BYTES + hashes.length * ELEMENT_BYTES)
  for (const [nth, value] of [1, 0, INT8_OID, hashes.length, 1].entries()) array.writeInt32BE(value, nth * 4)
  let at = ARRAY_HEADER_BYTES
  for (const hash of hashes) {
    array[at + 3] = HASH64_BYTES
    const written = array.write(hash.slice(0, HASH64_CHARACTERS), at + 4, HASH64_BYTES, 'base64url')
    if (written !== HASH64_BYTES) throw new Error('a hash has 32 bytes')
    at += ELEMENT_BYTES
  }
  return array
}
