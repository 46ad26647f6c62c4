import type { LogEntryType } from '@arc3088/records'
import { entryInBundle, TILE_WIDTH, tilePath, type Hash, type TileAddress } from '@arc3088/tlog'
import type { Kysely } from 'kysely'
import { LRUCache } from 'lru-cache'

import type { IssuerTables } from '../db/tables.ts'
import { hash64Of, readEntryFacts } from './log-entry-facts.ts'
import { findPlaces, type EntryPlace } from './log-place.store.ts'
import { findNearEntry } from './near-entry.ts'
import type { TileReader } from './tile-reader.ts'
import type { TreeProofs } from './tree-proofs.ts'

/** The entry of a record, and its leaf index. */
export interface FoundEntry {
  readonly position: number
  readonly entry: Uint8Array
}

/** Finds the entries of records, and remembers them. */
export interface FoundEntries {
  /**
   * The first entry of the type that each record has in the tree of `size`, in the order asked; undefined for one that
   * has none there.
   */
  find(hashes: readonly Uint8Array[], type: LogEntryType, size: number): Promise<(FoundEntry | undefined)[]>
}

interface Candidate extends EntryPlace {
  /** The record's hash, base64url. */
  readonly record: string
}

/** Records whose entry is remembered, at about half a kilobyte each. */
const REMEMBERED_MAX = 32_768

const decoder = new TextDecoder()

/** Builds the memory of one process. */
export function createFoundEntries(parts: {
  db: Kysely<IssuerTables>
  tiles: TileReader
  tree: TreeProofs
}): FoundEntries {
  const { db, tiles, tree } = parts
  // The first entry of a type that a record has stays the first: others come behind it.
  const remembered = new LRUCache<string, FoundEntry>({ max: REMEMBERED_MAX })

  async function entriesAt(places: readonly Candidate[], size: number): Promise<Uint8Array[]> {
    const leaves = await tree.leaves(
      places.map(({ position }) => position),
      size,
    )
    const near = places.map((place, nth) => nearEntryOf(place, leaves[nth]))
    const readEntry = await loadEntries(
      tiles,
      places.flatMap(({ position }, nth) => (near[nth] === undefined ? [position] : [])),
    )
    return places.map(({ position }, nth) => near[nth] ?? readEntry(position))
  }

  async function look(
    wanted: ReadonlyMap<string, Uint8Array>,
    type: LogEntryType,
    size: number,
  ): Promise<Map<string, FoundEntry>> {
    const found = new Map<string, FoundEntry>()
    const records = [...wanted.keys()]
    const places = await findPlaces(db, [...wanted.values()].map(hash64Of))
    const covered = places.flatMap((some, nth) =>
      some
        .filter(({ position }) => position < size)
        .map((place): Candidate => ({ ...place, record: records[nth] ?? '' })),
    )
    const entries = await entriesAt(covered, size)
    for (const [nth, entry] of entries.entries()) {
      const { record = '', position = 0 } = covered[nth] ?? {}
      // Eight bytes brought us here; the record is named by all of them.
      const facts = readEntryFacts(decoder.decode(entry))
      if (facts?.hash !== record || facts.type !== type || found.has(record)) continue
      found.set(record, { position, entry })
      remembered.set(`${type}/${record}`, { position, entry })
    }
    return found
  }

  return {
    async find(hashes, type, size) {
      const records = hashes.map((hash) => Buffer.from(hash).toString('base64url'))
      const known = records.map((record) => remembered.get(`${type}/${record}`))
      const unknown = new Map<string, Uint8Array>()
      for (const [nth, hash] of hashes.entries()) {
        if (known[nth] === undefined) unknown.set(records[nth] ?? '', hash)
      }
      const found = unknown.size === 0 ? undefined : await look(unknown, type, size)
      return records.map((record, nth) => {
        const entry = known[nth] ?? found?.get(record)
        return entry !== undefined && entry.position < size ? entry : undefined
      })
    },
  }
}

function nearEntryOf({ near, record }: Candidate, leaf: Hash | undefined): Uint8Array | undefined {
  return near === null || leaf === undefined ? undefined : findNearEntry(near, record, leaf)
}

/** Loads the bundles that have these positions, whole. */
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
  const read = await tiles.read(addresses)
  const bundles = new Map(addresses.map((address) => [address.index, read.get(tilePath(address))]))
  return (position) => {
    const bundle = bundles.get(Math.floor(position / TILE_WIDTH))
    const entry = bundle === undefined ? undefined : entryInBundle(bundle, position % TILE_WIDTH)
    if (entry === undefined) throw new Error(`the log has no entry ${position}`)
    return Uint8Array.from(entry)
  }
}
