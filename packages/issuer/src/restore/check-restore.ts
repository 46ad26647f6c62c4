import { createProver, parseCheckpoint, parseNote, tilesForConsistency } from '@arc3088/tlog'
import type { Kysely } from 'kysely'

import type { CodeKey } from '../assignment/code-key.ts'
import type { IssuerTables } from '../db/tables.ts'
import type { OpenJournal } from '../journal/open-journal.ts'
import { readShownCheckpoints } from '../log/log-checkpoint.store.ts'
import { createTileReader } from '../log/tile-reader.ts'
import type { AskWitness, WitnessAddress } from '../witness/ask-witness.ts'
import { askWitnesses } from './ask-witnesses.ts'
import { findMissingCodes, hasCodes, isBeforeLog, readLeases, readStatusLeases } from './restore.store.ts'
import { judgeRestore, type RestoreVerdict, type ShownTree, type WitnessWord } from './restore-verdict.ts'
import { readStoredTree } from './stored-tree.ts'

/** What the check is made with. */
export interface RestoreParts {
  readonly db: Kysely<IssuerTables>
  readonly journal: OpenJournal
  readonly witnesses: readonly WitnessAddress[]
  readonly askWitness: AskWitness
  /** How long a witness may take to answer; as long as it is let where this is left out. */
  readonly witnessSecondsMax?: number
}

/** What was found, and what the witnesses said in particular. */
export interface RestoreFinding {
  readonly verdict: RestoreVerdict
  readonly witnesses: readonly WitnessWord[]
}

/** Codes looked up by one query. */
const CODES_AT_ONCE = 4096
const CACHED_BYTES_MAX = 1024 * 1024

/**
 * Compares the database with journal and witnesses; before any write of this process. The journal is read before the
 * database: whatever it says was committed first, so that other processes may go on writing meanwhile.
 */
export async function checkRestore(parts: RestoreParts): Promise<RestoreFinding> {
  const { db, journal } = parts
  const marks = { leases: new Map(journal.marks.leases), lists: new Map(journal.marks.lists) }
  const shown = shownIn(journal)
  let chosenMissing = 0
  for await (const keys of batchesOf(journal.chosenCodes(), CODES_AT_ONCE)) {
    chosenMissing += (await findMissingCodes(db, keys)).length
  }
  const tree = await readStoredTree(db, shown?.size)
  const leases = await readLeases(db)
  const lists = await readStatusLeases(db)
  const size = tree.state?.size ?? 0
  const isNew =
    size === 0 && !(await hasCodes(db)) && [...leases.values(), ...lists.values()].every((upTo) => upTo === 0)
  const witnesses = tree.unsound === undefined ? await hearWitnesses(parts) : []
  const verdict = judgeRestore({
    database: {
      isNew,
      isBeforeLog: await isBeforeLog(db),
      leases,
      lists,
      log: { origin: tree.state?.origin ?? '', size },
      ...(tree.unsound === undefined ? {} : { unsound: tree.unsound }),
    },
    journal: {
      isEmpty: journal.wasEmpty,
      ...marks,
      chosenMissing,
      ...(shown === undefined ? {} : { shown }),
      ...(tree.earlierRoot === undefined ? {} : { storedRoot: tree.earlierRoot }),
    },
    witnesses,
  })
  return { verdict, witnesses }
}

async function hearWitnesses({
  db,
  witnesses,
  askWitness,
  witnessSecondsMax,
}: RestoreParts): Promise<WitnessWord[]> {
  const { published } = await readShownCheckpoints(db)
  if (published === undefined || witnesses.length === 0) return []
  const { size } = published
  const tiles = createTileReader(db, CACHED_BYTES_MAX)
  return await askWitnesses({
    witnesses,
    askWitness,
    shown: published,
    proofFrom: async (from) =>
      createProver(size, await tiles.load(tilesForConsistency(from, size))).consistency(from),
    secondsMax: witnessSecondsMax,
    shownNow: async () => (await readShownCheckpoints(db)).published?.size ?? 0,
  })
}

/** The last tree that the journal has shown. Throws for a journal whose checkpoint is none: it is checksummed. */
export function shownIn(journal: OpenJournal): ShownTree | undefined {
  const note = journal.marks.checkpoint
  if (note === undefined) return undefined
  const checkpoint = parseCheckpoint(parseNote(note)?.body ?? '')
  if (checkpoint === undefined) throw new Error('the last checkpoint of the journal is none')
  const { origin, size, root } = checkpoint
  return { origin, size, root: Buffer.from(root).toString('hex') }
}

/** The same codes in batches of a size of our own. */
export async function* batchesOf(
  source: AsyncIterable<readonly CodeKey[]>,
  size: number,
): AsyncGenerator<CodeKey[], void, void> {
  let batch: CodeKey[] = []
  for await (const keys of source) {
    for (const key of keys) {
      batch.push(key)
      if (batch.length < size) continue
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}
