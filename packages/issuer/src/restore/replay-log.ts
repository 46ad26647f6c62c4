import { readLogEntry, type LogEntry } from '@arc3088/records'
import { RegistryError } from '@arc3088/problems'
import type { Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { AppendedEntries } from '../journal/journal.ts'
import { insertCheckpoint, markPublished } from '../log/log-checkpoint.store.ts'
import { insertPositions } from '../log/log-drain.store.ts'
import { growLog, type LogEdge } from '../log/log-edge.ts'
import { advanceLogState } from '../log/log-leader.store.ts'
import { queueEntries } from '../log/log-queue.store.ts'
import { writeTiles } from '../log/log-tile.store.ts'
import { readLogEdge } from '../log/stored-edge.ts'
import { endEveryTerm, findUnknownActs, lockOrMakeLogState, takeWholeQueue } from './replay.store.ts'
import type { ShownTree } from './restore-verdict.ts'

/** Entries appended at once. */
const ENTRIES_AT_ONCE = 8192
/** Codes that a report names. */
const CODES_NAMED_MAX = 1000

/** What the replay did. */
export interface LogReplay {
  /** Entries appended again, up to the last checkpoint that was shown. */
  readonly appended: number
  /** Entries of the journal beyond that checkpoint: they wait in the queue, and nobody was shown a tree with them. */
  readonly queued: number
  /**
   * What was done in the life that is lost and is undone now, though the log says it: how often a status was set, of which
   * codes (by their names in the log, at most 1000), and how many steps keys took. Somebody has to do it again.
   */
  readonly undone: { readonly statuses: number; readonly codes: readonly string[]; readonly keySteps: number }
}

/**
 * Appends again what the log had and the database lost, entry by entry as the journal has them, up to the last
 * checkpoint that was shown. Refuses unless the tree ends with exactly the root of that checkpoint, so that whoever
 * has seen the log before finds it continued. What waits in the queue of an older database and stands in the journal is
 * taken off it: every entry stands in the log once.
 */
export async function replayLog(
  tx: Transaction<IssuerTables>,
  parts: { shown: ShownTree; note: string; runs: AsyncIterable<AppendedEntries>; at: Date },
): Promise<LogReplay> {
  const { shown, note, runs, at } = parts
  const state = await lockOrMakeLogState(tx, shown.origin)
  await endEveryTerm(tx)
  const known = await entriesFrom(runs, state.size)
  const missing = shown.size - state.size
  if (missing > 0) {
    if (known.length < missing)
      throw refusal(`the journal lacks log entries from ${state.size + known.length} on`)
    let edge: LogEdge = await readLogEdge(tx, state)
    for (let done = 0; done < missing; done += ENTRIES_AT_ONCE) {
      const entries = known.slice(done, Math.min(missing, done + ENTRIES_AT_ONCE))
      const growth = growLog(edge, entries)
      await writeTiles(tx, growth.tiles)
      await insertPositions(
        tx,
        edge.tree.size,
        entries.map((entry) => demandEntry(entry).h),
      )
      edge = growth.edge
    }
    const root = Buffer.from(edge.root).toString('hex')
    if (root !== shown.root) {
      throw refusal(
        `the entries of the journal lead to root ${root} at size ${shown.size}, not to ${shown.root}`,
      )
    }
    await insertCheckpoint(tx, { size: shown.size, note, signedAt: at })
    await markPublished(tx, shown.size, at)
    await advanceLogState(tx, { size: shown.size, root: edge.root })
  }
  const beyond = missing > 0 ? known.slice(missing) : known
  await requeue(tx, { known, beyond, at })
  return { appended: Math.max(0, missing), queued: beyond.length, undone: await findUndone(tx, known) }
}

async function findUndone(
  tx: Transaction<IssuerTables>,
  known: readonly string[],
): Promise<LogReplay['undone']> {
  const acts = await findUnknownActs(tx, known.map(demandEntry))
  const statuses = acts.filter(({ t }) => t === 'status')
  const codes = [...new Set(statuses.map(({ c }) => c))].slice(0, CODES_NAMED_MAX)
  return { statuses: statuses.length, codes, keySteps: acts.length - statuses.length }
}

/** Puts what nobody was shown before what waits, and drops from the latter what the journal has. */
async function requeue(
  tx: Transaction<IssuerTables>,
  { known, beyond, at }: { known: readonly string[]; beyond: readonly string[]; at: Date },
): Promise<void> {
  const inJournal = new Set(known)
  const waiting = await takeWholeQueue(tx)
  const groups = [beyond, ...waiting.map((entries) => entries.filter((entry) => !inJournal.has(entry)))]
  for (const entries of groups) await queueEntries(tx, entries.map(demandEntry), at)
}

/** The entries of the journal from a leaf on, as far as they are without a gap. */
async function entriesFrom(runs: AsyncIterable<AppendedEntries>, from: number): Promise<string[]> {
  const later: AppendedEntries[] = []
  for await (const run of runs) if (run.from + run.entries.length > from) later.push(run)
  const entries: string[] = []
  for (const run of later.toSorted((a, b) => a.from - b.from)) {
    const next = from + entries.length
    if (run.from > next) break
    for (const entry of run.entries.slice(next - run.from)) entries.push(entry)
  }
  return entries
}

function demandEntry(text: string): LogEntry {
  const entry = readLogEntry(text)
  if (entry === undefined) throw new Error('the journal or the queue holds what is no entry of a log')
  return entry
}

function refusal(detail: string): RegistryError {
  return new RegistryError('restore-refused', detail)
}
