import { randomBytes } from 'node:crypto'

import { readLogEntry, type LogEntry } from '@arc3088/records'
import {
  createCompactRange,
  decodeEntryBundle,
  EMPTY_EDGE,
  equalBytes,
  growTree,
  hashLeaf,
  TILE_WIDTH,
  tilePath,
  tilesForEdge,
  tileWidthAt,
  type Hash,
  type Tile,
  type TileAddress,
  type TreeEdge,
} from '@arc3088/tlog'

import type { LogSource } from './log-source.ts'
import { createNameTable } from './name-table.ts'

/** What is wrong with a log. Never renamed: programs read them. */
export interface LogFault {
  readonly code:
    | 'bundle-missing'
    | 'bundle-malformed'
    | 'entry-malformed'
    | 'tile-missing'
    | 'tile-wrong'
    | 'root-wrong'
    | 'code-twice'
  readonly detail: string
}

/** A tree as it was, to be met again on the way. */
export interface KnownTree {
  readonly size: number
  readonly root: Hash
}

export interface LogCheck {
  readonly faults: readonly LogFault[]
  /** Faults beyond {@link FAULTS_MAX}. */
  readonly more: number
  readonly entries: number
  readonly tiles: number
  /** Of the tree as it was when it had the size of the known one; undefined where it never had. */
  readonly rootThen: Hash | undefined
}

/** A log that is wrong is wrong everywhere: more faults tell nobody more. */
const FAULTS_MAX = 100
/** Bundles fetched ahead while one is hashed. */
const AHEAD = 8
const DIGEST_KEY_BYTES = 32

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function readEntry(bytes: Uint8Array): LogEntry | undefined {
  try {
    return readLogEntry(decoder.decode(bytes))
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/** The bundles of a tree in order, a few of them under way while one is looked at. */
async function* bundlesOf(
  source: LogSource,
  size: number,
): AsyncGenerator<{ address: TileAddress; bytes: Uint8Array | undefined }> {
  const count = Math.ceil(size / TILE_WIDTH)
  const under: { address: TileAddress; fetching: Promise<Uint8Array | undefined> }[] = []
  for (let next = 0, done = 0; done < count; done += 1) {
    for (; next < count && under.length < AHEAD; next += 1) {
      const address = { level: 'entries', index: next, width: tileWidthAt('entries', next, size) } as const
      const fetching = source.tile(address)
      // Awaited in its turn; until then a failure is nobody's.
      fetching.catch(() => undefined)
      under.push({ address, fetching })
    }
    const first = under.shift()
    if (first === undefined) return
    yield { address: first.address, bytes: await first.fetching }
  }
}

/**
 * Reads a log from its first entry to the size of a checkpoint and holds it to all it says: every bundle and every tile
 * is there and is what the entries hash to, every entry has the one spelling, no code stands assigned twice, the root is
 * the checkpoint's. In memory of the tree's height, and sixteen bytes for every code.
 */
export async function checkLog(
  source: LogSource,
  head: KnownTree,
  known: KnownTree | undefined,
): Promise<LogCheck> {
  const faults: LogFault[] = []
  let more = 0
  let tiles = 0
  const range = createCompactRange()
  const names = createNameTable(randomBytes(DIGEST_KEY_BYTES))
  const suspects: { earlier: number; later: number; name: string }[] = []
  let rootThen: Hash | undefined
  let edge: TreeEdge = EMPTY_EDGE

  function fail(code: LogFault['code'], detail: string): void {
    if (faults.length < FAULTS_MAX) faults.push({ code, detail })
    else more += 1
  }

  function meet(): void {
    if (known !== undefined && range.size === known.size) rootThen = range.root()
  }

  async function checkTile(tile: Tile): Promise<void> {
    const path = tilePath(tile)
    const served = await source.tile(tile)
    tiles += 1
    if (served === undefined) fail('tile-missing', path)
    else if (!equalBytes(served.subarray(0, tile.data.length), tile.data)) fail('tile-wrong', path)
  }

  function checkEntry(bytes: Uint8Array, index: number): void {
    const entry = readEntry(bytes)
    if (entry === undefined) {
      fail('entry-malformed', `entry ${index} is not in the one spelling that an entry has`)
    } else if (entry.t === 'assign') {
      const earlier = names.add(entry.c, index)
      if (earlier !== undefined && suspects.length < FAULTS_MAX) {
        suspects.push({ earlier, later: index, name: entry.c })
      }
    }
  }

  meet()
  for await (const { address, bytes } of bundlesOf(source, head.size)) {
    const entries = bytes === undefined ? undefined : decodeEntryBundle(bytes)?.slice(0, address.width)
    if (entries?.length !== address.width) {
      // Nothing can be hashed past a hole.
      fail(bytes === undefined ? 'bundle-missing' : 'bundle-malformed', tilePath(address))
      return { faults, more, entries: range.size, tiles, rootThen }
    }
    const leaves = entries.map((entry, nth) => {
      checkEntry(entry, address.index * TILE_WIDTH + nth)
      const leaf = hashLeaf(entry)
      range.add(leaf)
      meet()
      return leaf
    })
    const growth = growTree(edge, leaves)
    edge = growth.edge
    await Promise.all(growth.tiles.filter(({ width }) => width === TILE_WIDTH).map(checkTile))
  }
  await Promise.all(
    tilesForEdge(head.size).map(async (address) => {
      await checkTile({ ...address, data: edge.tiles[address.level] ?? new Uint8Array(0) })
    }),
  )
  if (!equalBytes(range.root(), head.root)) {
    fail('root-wrong', `the entries hash to another root than that of the checkpoint of ${head.size}`)
  }
  for (const { earlier, later, name } of suspects) {
    if ((await nameAt(source, earlier, head.size)) !== name) continue
    fail('code-twice', `${name} stands assigned as entry ${earlier} and as entry ${later}`)
  }
  return { faults, more, entries: range.size, tiles, rootThen }
}

async function nameAt(source: LogSource, index: number, size: number): Promise<string | undefined> {
  const bundle = Math.floor(index / TILE_WIDTH)
  const address = { level: 'entries', index: bundle, width: tileWidthAt('entries', bundle, size) } as const
  const bytes = await source.tile(address)
  const entry = bytes === undefined ? undefined : decodeEntryBundle(bytes)?.[index % TILE_WIDTH]
  return entry === undefined ? undefined : readEntry(entry)?.c
}
