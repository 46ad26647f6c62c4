import {
  decodeEntryBundle,
  EMPTY_EDGE,
  EMPTY_ROOT,
  equalBytes,
  growTree,
  hashLeaf,
  parseCheckpoint,
  parseNote,
  TILE_WIDTH,
  tilesForEdge,
  verifyNote,
  type Hash,
  type TreeGrowth,
  type VerifierKey,
} from '@arc3088/tlog'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { readNewestCheckpoint } from './log-checkpoint.store.ts'
import { countPositions } from './log-drain.store.ts'
import { readLogState, type LogState } from './log-leader.store.ts'
import { countTiles, readTiles } from './log-tile.store.ts'
import { readLogEdge, LogContradiction } from './stored-edge.ts'
import { ENTRIES_LEVEL, type StoredTile } from './stored-tile.ts'
import { bundlesFor } from './tile-reader.ts'

/** A stored tree, or what is wrong with it. */
export type StoredTree =
  | { readonly kind: 'sound'; readonly size: number; readonly root: Hash }
  | { readonly kind: 'contradiction'; readonly detail: string }

export interface TreeCheck {
  readonly origin: string
  /** The log's keys, those of before too: one of them signed the newest checkpoint. Not looked at where left out. */
  readonly logKeys?: readonly VerifierKey[]
}

/** Bundles that are read at once: 64 × 50 KB. */
const BUNDLES_AT_ONCE = 64

/**
 * Holds the right edge of the stored tree against the stored root, and both against the newest signed checkpoint. Cheap:
 * made at every start. It cannot see that the whole database is an older one; journal and witnesses can.
 */
export async function verifyStoredTree(db: Kysely<IssuerTables>, check: TreeCheck): Promise<StoredTree> {
  return await verdictOf(db, async (state) => {
    if (state.origin !== check.origin) {
      throw new LogContradiction(`the stored log is ${state.origin}, not ${check.origin}`)
    }
    await readLogEdge(db, state)
    await verifyNewestCheckpoint(db, state, check)
  })
}

/**
 * Makes the whole tree again from its entries and compares every tile, the root, the newest checkpoint and the number of
 * positions: what the restore check asks for. Reads everything once, 16,384 entries at a time.
 */
export async function verifyWholeTree(db: Kysely<IssuerTables>, check: TreeCheck): Promise<StoredTree> {
  const edge = await verifyStoredTree(db, check)
  if (edge.kind === 'contradiction') return edge
  return await verdictOf(db, async (state) => {
    if (!equalBytes(await regrow(db, state.size), state.root)) {
      throw new LogContradiction('the entries do not hash to the stored root')
    }
    const [tiles, positions] = [await countTiles(db), await countPositions(db)]
    if (tiles !== tileCountOf(state.size)) {
      throw new LogContradiction(
        `a log of ${state.size} has ${tileCountOf(state.size)} tiles; stored are ${tiles}`,
      )
    }
    if (positions !== state.size) {
      throw new LogContradiction(`of ${state.size} entries, ${positions} have a position`)
    }
  })
}

async function verdictOf(
  db: Kysely<IssuerTables>,
  verify: (state: LogState) => Promise<void>,
): Promise<StoredTree> {
  const state = await readLogState(db)
  if (state === undefined) return { kind: 'sound', size: 0, root: EMPTY_ROOT }
  try {
    await verify(state)
    return { kind: 'sound', size: state.size, root: state.root }
  } catch (error) {
    if (error instanceof LogContradiction) return { kind: 'contradiction', detail: error.message }
    throw error
  }
}

async function verifyNewestCheckpoint(
  db: Kysely<IssuerTables>,
  { size, root, origin }: LogState,
  { logKeys }: TreeCheck,
): Promise<void> {
  const newest = await readNewestCheckpoint(db)
  if (newest === undefined && size === 0) return
  const note = newest === undefined ? undefined : parseNote(newest.note)
  const checkpoint = note === undefined ? undefined : parseCheckpoint(note.body)
  if (note === undefined || checkpoint === undefined) {
    throw new LogContradiction(`a log of ${size} has no checkpoint that can be read`)
  }
  if (checkpoint.origin !== origin || checkpoint.size !== size || !equalBytes(checkpoint.root, root)) {
    throw new LogContradiction(
      `the newest checkpoint is of ${checkpoint.size} entries of ${checkpoint.origin}; stored is another tree, of ${size}`,
    )
  }
  if (logKeys === undefined) return
  const signed = await Promise.all(logKeys.map((key) => verifyNote(note, key)))
  if (!signed.includes(true)) throw new LogContradiction('no key of the log signed its newest checkpoint')
}

/** Grows the tree from its entries, comparing every tile with the stored one; answers its root. */
async function regrow(db: Kysely<IssuerTables>, size: number): Promise<Hash> {
  let growth: TreeGrowth = growTree(EMPTY_EDGE, [])
  while (growth.edge.size < size) {
    const from = growth.edge.size
    const to = Math.min(size, from + BUNDLES_AT_ONCE * TILE_WIDTH)
    growth = growTree(growth.edge, await readLeaves(db, from, to))
    // Those that are partial here are compared when they are full, or at the end.
    await compareTiles(
      db,
      growth.tiles.filter(({ width }) => width === TILE_WIDTH),
    )
  }
  const partial = tilesForEdge(size).map((address) => ({
    ...address,
    data: growth.edge.tiles[address.level] ?? EMPTY_ROOT,
  }))
  await compareTiles(db, partial)
  return growth.root
}

/** Reads the leaves [from, to), of which `from` begins a bundle. */
async function readLeaves(db: Kysely<IssuerTables>, from: number, to: number): Promise<Hash[]> {
  const addresses = bundlesFor(from, to)
  const bundles = await readTiles(
    db,
    addresses.map(({ index }) => ({ level: ENTRIES_LEVEL, index })),
  )
  const byIndex = new Map(bundles.map((bundle) => [bundle.index, bundle]))
  return addresses.flatMap(({ index, width }) => {
    const bundle = byIndex.get(index)
    const entries = bundle === undefined ? undefined : decodeEntryBundle(bundle.data)
    if (bundle?.width === width && entries?.length === width) return entries.map(hashLeaf)
    throw new LogContradiction(`the bundle ${index} does not have ${width} entries`)
  })
}

async function compareTiles(db: Kysely<IssuerTables>, expected: readonly StoredTile[]): Promise<void> {
  const stored = await readTiles(db, expected)
  const byKey = new Map(stored.map((tile) => [`${tile.level}/${tile.index}`, tile]))
  for (const { level, index, width, data } of expected) {
    const tile = byKey.get(`${level}/${index}`)
    if (tile?.width === width && equalBytes(tile.data, data)) continue
    throw new LogContradiction(`the tile ${level}/${index} is not what the entries hash to`)
  }
}

/** How many tiles and bundles a log of `size` has. */
function tileCountOf(size: number): number {
  let count = Math.ceil(size / TILE_WIDTH)
  for (let nodes = size; nodes > 0; nodes = Math.floor(nodes / TILE_WIDTH))
    count += Math.ceil(nodes / TILE_WIDTH)
  return count
}
