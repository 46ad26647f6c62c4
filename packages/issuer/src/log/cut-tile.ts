import { decodeEntryBundle, encodeEntryBundle, HASH_BYTES, type TileAddress } from '@arc3088/tlog'

/** The first `width` hashes or entries of a tile that has as many or more: partial tiles are the beginnings of wider ones. */
export function cutTile({ level, width }: TileAddress, data: Uint8Array): Uint8Array {
  if (level !== 'entries') return data.subarray(0, width * HASH_BYTES)
  const entries = decodeEntryBundle(data)
  if (entries === undefined || entries.length < width) throw new Error('the bundle is too narrow')
  return entries.length === width ? data : encodeEntryBundle(entries.slice(0, width))
}
