import { TILE_WIDTH } from './tile.ts'

/** The length prefix has 16 bits (tlog-tiles, Log entries). */
export const ENTRY_BYTES_MAX = 65_535

/** Of the length before each entry. */
export const PREFIX_BYTES = 2

/** 1 … 256 entries, each behind its length. Throws for more, none, or an entry that is too long. */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length === 0 || entries.length > TILE_WIDTH) throw new Error('a bundle has 1 to 256 entries')
  if (entries.some((entry) => entry.length > ENTRY_BYTES_MAX))
    throw new Error('an entry has 65535 bytes at most')
  const bytes = new Uint8Array(entries.reduce((sum, entry) => sum + PREFIX_BYTES + entry.length, 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const entry of entries) {
    view.setUint16(at, entry.length)
    bytes.set(entry, at + PREFIX_BYTES)
    at += PREFIX_BYTES + entry.length
  }
  return bytes
}

/** The entries (views into `bytes`); undefined where an entry is cut short, there is none, or more than 256. */
export function decodeEntryBundle(bytes: Uint8Array): Uint8Array[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const entries: Uint8Array[] = []
  let at = 0
  while (at < bytes.length) {
    if (at + PREFIX_BYTES > bytes.length || entries.length === TILE_WIDTH) return undefined
    const end = at + PREFIX_BYTES + view.getUint16(at)
    if (end > bytes.length) return undefined
    entries.push(bytes.subarray(at + PREFIX_BYTES, end))
    at = end
  }
  return entries.length === 0 ? undefined : entries
}

/** The entry at one place (a view into `bytes`), without a look at those behind it; undefined where there is none. */
export function entryInBundle(bytes: Uint8Array, place: number): Uint8Array | undefined {
  let at = 0
  for (let nth = 0; at + PREFIX_BYTES <= bytes.length; nth += 1) {
    const end = at + PREFIX_BYTES + ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0)
    if (end > bytes.length || nth === TILE_WIDTH) return undefined
    if (nth === place) return bytes.subarray(at + PREFIX_BYTES, end)
    at = end
  }
  return undefined
}
