import { equalBytes, hashLeaf, type Hash } from '@arc3088/tlog'

const BEGIN = '{"c":"'
const END = '}'

/**
 * The entry of the record of this hash (base64url) that a stretch of a bundle has whole, if it is the one that hashes to
 * `leaf`: several entries may be of one record, and what stands in a stretch has no number. Undefined where it has none,
 * which is only to say that the bundle has to be read.
 */
export function findNearEntry(stretch: Uint8Array, recordHash: string, leaf: Hash): Uint8Array | undefined {
  const bytes = Buffer.from(stretch.buffer, stretch.byteOffset, stretch.byteLength)
  const named = `"h":"${recordHash}"`
  for (let at = bytes.indexOf(named); at !== -1; at = bytes.indexOf(named, at + named.length)) {
    // Within an entry a quotation mark of a name is escaped, so that the nearest beginning is its own.
    const begin = bytes.lastIndexOf(BEGIN, at)
    const end = bytes.indexOf(END, at)
    if (begin === -1 || end === -1) continue
    const entry = bytes.subarray(begin, end + END.length)
    // A copy: what is remembered of it must not keep the stretch alive.
    if (equalBytes(hashLeaf(entry), leaf)) return Uint8Array.from(entry)
  }
  return undefined
}
