import { decodeEntryBundle, TILE_WIDTH, tilePath } from '@arc3088/tlog'

import { bundlesFor, type TileReader } from './tile-reader.ts'

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The entries [from, to); throws where the log has not got so far. */
export async function readEntries(tiles: TileReader, from: number, to: number): Promise<string[]> {
  if (from >= to) return []
  const addresses = bundlesFor(from, to)
  const bundles = await tiles.read(addresses)
  const entries: string[] = []
  for (const address of addresses) {
    const data = bundles.get(tilePath(address))
    const decoded = data === undefined ? undefined : decodeEntryBundle(data)
    if (decoded === undefined || decoded.length < address.width) {
      throw new Error(`the log has no ${tilePath(address)}`)
    }
    const first = address.index * TILE_WIDTH
    for (const entry of decoded.slice(Math.max(0, from - first), to - first))
      entries.push(decoder.decode(entry))
  }
  return entries
}
