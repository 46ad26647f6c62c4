/** What the log itself has to know of an entry: whose it is and of what kind. */
export interface EntryFacts {
  /** base64url SHA-256 of the record. */
  readonly hash: string
  readonly type: string
}

/** The spelling of `formatLogEntry`, read in a tenth of the time that a strict parse takes. */
const ENTRY =
  /^\{"c":"(?:[^"\\]|\\.)+","h":"(?<hash>[\w-]{43})","i":(?:0|[1-9]\d*),"t":"(?<type>[a-z]+)","v":1\}$/

/** Undefined for a text that is not spelt as an entry is. */
export function readEntryFacts(entry: string): EntryFacts | undefined {
  const { hash, type } = ENTRY.exec(entry)?.groups ?? {}
  return hash === undefined || type === undefined ? undefined : { hash, type }
}

/** The first eight bytes of a record's hash as PostgreSQL's bigint has them: signed, big-endian. */
export function hash64Of(hash: Uint8Array): bigint {
  return new DataView(hash.buffer, hash.byteOffset, hash.byteLength).getBigInt64(0)
}
