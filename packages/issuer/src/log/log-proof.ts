import type { LogEntryType } from '@arc3088/records'
import { decodeEntryBundle, formatTlogProof, TILE_WIDTH, tilePath, type TileAddress } from '@arc3088/tlog'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { findPositions } from './log-drain.store.ts'
import { hash64Of, readEntryFacts } from './log-entry-facts.ts'
import type { TileReader } from './tile-reader.ts'
import type { TreeProofs } from './tree-proofs.ts'

/** The checkpoint that a proof is made against. */
export interface ProvenCheckpoint {
  readonly size: number
  readonly note: string
}

export interface LogProofParts {
  readonly db: Kysely<IssuerTables>
  readonly tiles: TileReader
  readonly proofs: TreeProofs
}

interface FoundEntry {
  readonly position: number
  readonly entry: Uint8Array
}

const decoder = new TextDecoder()

/**
 * tlog-proofs (C2SP) that the records of these hashes stand in the tree of the checkpoint, in the order asked; undefined
 * for one that has no entry of the type in it. The entry itself is the `extra` of its proof: who has no log key learns
 * `c` from there. Where a record has several entries of the type, the first is proven.
 */
export async function proveRecords(
  parts: LogProofParts,
  hashes: readonly Uint8Array[],
  type: LogEntryType,
  checkpoint: ProvenCheckpoint,
): Promise<(string | undefined)[]> {
  const { size, note } = checkpoint
  if (hashes.length === 0) return []
  const positions = await findPositions(parts.db, hashes.map(hash64Of))
  const covered = positions.map((found) => found.filter((position) => position < size))
  const readEntry = await loadEntries(parts.tiles, covered.flat())
  const found = hashes.map((hash, nth): FoundEntry | undefined => {
    const text = Buffer.from(hash).toString('base64url')
    for (const position of covered[nth] ?? []) {
      const entry = readEntry(position)
      // Eight bytes brought us here; the record is named by all of them.
      const facts = readEntryFacts(decoder.decode(entry))
      if (facts?.hash === text && facts.type === type) return { position, entry }
    }
    return undefined
  })
  const proven = found.filter((entry) => entry !== undefined)
  const paths = await parts.proofs.inclusions(
    proven.map(({ position }) => position),
    size,
  )
  const texts = new Map(
    proven.map((entry, nth) => [
      entry,
      formatTlogProof({
        index: entry.position,
        hashes: paths[nth] ?? [],
        checkpoint: note,
        extra: entry.entry,
      }),
    ]),
  )
  return found.map((entry) => (entry === undefined ? undefined : texts.get(entry)))
}

/** Loads the bundles that have these positions. */
async function loadEntries(
  tiles: TileReader,
  positions: readonly number[],
): Promise<(position: number) => Uint8Array> {
  const widths = new Map<number, number>()
  for (const position of positions) {
    const index = Math.floor(position / TILE_WIDTH)
    widths.set(index, Math.max(widths.get(index) ?? 0, (position % TILE_WIDTH) + 1))
  }
  const addresses = [...widths].map(([index, width]): TileAddress => ({ level: 'entries', index, width }))
  const bundles = await tiles.read(addresses)
  const decoded = new Map(
    addresses.map((address) => {
      const bundle = bundles.get(tilePath(address))
      return [address.index, bundle === undefined ? undefined : decodeEntryBundle(bundle)]
    }),
  )
  return (position) => {
    const entry = decoded.get(Math.floor(position / TILE_WIDTH))?.[position % TILE_WIDTH]
    if (entry === undefined) throw new Error(`the log has no entry ${position}`)
    return entry
  }
}
