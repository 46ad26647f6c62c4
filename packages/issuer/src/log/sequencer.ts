import type { Ambient } from '@arc3088/service'
import { equalBytes, signCheckpoint, type Hash, type NoteSigner } from '@arc3088/tlog'
import type { Kysely, Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { insertCheckpoint } from './log-checkpoint.store.ts'
import { deleteQueued, hasQueuedEntries, insertPositions, takeQueuedEntries } from './log-drain.store.ts'
import { growLog, type LogEdge } from './log-edge.ts'
import { readEntryFacts } from './log-entry-facts.ts'
import { advanceLogState, lockLogState, type LogState } from './log-leader.store.ts'
import { writeTiles } from './log-tile.store.ts'
import { readLogEdge } from './stored-edge.ts'
import type { StoredTile } from './stored-tile.ts'

/** Most entries that one transaction takes; a row of the queue that exceeds the rest is taken whole. */
export const DRAIN_ENTRIES_MAX = 8192

/** What one transaction appended. */
export interface Drain {
  readonly from: number
  readonly entries: readonly string[]
  readonly size: number
  readonly root: Hash
  /** The signed checkpoint of the tree after it. */
  readonly note: string
}

/** Another process leads, or this one's session is gone: whoever gets it leads no more. */
export class LeadershipLost extends Error {
  override readonly name = 'LeadershipLost'
}

export interface SequencerParts {
  /** The session that holds the leader's lock: what cannot hold it cannot write. */
  readonly session: Kysely<IssuerTables>
  readonly ambient: Ambient
  readonly term: number
  readonly origin: string
  readonly signer: () => NoteSigner
}

/** Appends what waits; one for each term. */
export interface Sequencer {
  /** One transaction; undefined where nothing waited. Throws LeadershipLost, and for a stored tree that is not sound. */
  drain(): Promise<Drain | undefined>
}

/** Every entry goes into the log once, in the order of the queue: it leaves the one in the transaction of the other. */
export function createSequencer({ session, ambient, term, origin, signer }: SequencerParts): Sequencer {
  // What the last drain left, so that the next reads nothing; only ever taken for the size and root it is of.
  let known: LogEdge | undefined

  async function append(tx: Transaction<IssuerTables>): Promise<{ drain: Drain; edge: LogEdge } | undefined> {
    const state = await lockLogState(tx)
    if (state.term !== term)
      throw new LeadershipLost(`term ${term} is over: the log is in term ${state.term}`)
    const queued = await takeQueuedEntries(tx, DRAIN_ENTRIES_MAX)
    if (queued.entries.length === 0) return undefined
    const edge = isOf(known, state) ? known : await readLogEdge(tx, state)
    ambient.reached('sequencer:read')
    // PostgreSQL writes the positions, which need no tree, while this process hashes one.
    const [, { grown, tiles, note }] = await Promise.all([
      insertPositions(tx, state.size, queued.entries.map(recordHashOf)),
      grow(edge, queued.entries),
    ])
    const { root, tree } = grown
    ambient.reached('sequencer:grown')
    await writeTiles(tx, tiles)
    await insertCheckpoint(tx, { size: tree.size, note, signedAt: ambient.now() })
    await advanceLogState(tx, { size: tree.size, root })
    await deleteQueued(tx, queued.ids)
    ambient.reached('sequencer:written')
    return {
      drain: { from: state.size, entries: queued.entries, size: tree.size, root, note },
      edge: grown,
    }
  }

  async function grow(
    edge: LogEdge,
    entries: readonly string[],
  ): Promise<{ grown: LogEdge; tiles: readonly StoredTile[]; note: string }> {
    const { edge: grown, tiles } = growLog(edge, entries)
    const note = await signCheckpoint({ origin, size: grown.tree.size, root: grown.root }, signer())
    return { grown, tiles, note }
  }

  return {
    async drain() {
      if (!(await hasQueuedEntries(session))) return undefined
      const appended = await session.transaction().execute(append)
      if (appended === undefined) return undefined
      known = appended.edge
      ambient.reached('sequencer:committed')
      return appended.drain
    },
  }
}

function isOf(edge: LogEdge | undefined, state: LogState): edge is LogEdge {
  return edge !== undefined && edge.tree.size === state.size && equalBytes(edge.root, state.root)
}

/** Entries are queued by `queueEntries` alone: one that is none is a fault of ours, and must not be signed. */
function recordHashOf(entry: string): string {
  const facts = readEntryFacts(entry)
  if (facts === undefined) throw new Error('what waits in the log queue is no entry')
  return facts.hash
}
