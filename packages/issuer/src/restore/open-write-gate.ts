import { setTimeout as delay } from 'node:timers/promises'

import { RegistryError } from '@arc3088/problems'
import type { Ambient, Log, Metrics, ReadinessCheck } from '@arc3088/service'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { openJournal, type OpenJournal } from '../journal/open-journal.ts'
import { createWriteGate, type SettableWriteGate } from '../journal/write-gate.ts'
import type { AskWitness, WitnessAddress } from '../witness/ask-witness.ts'
import { checkRestore, type RestoreFinding } from './check-restore.ts'
import { describeVerdict, type RestoreVerdict } from './restore-verdict.ts'

/** What a node keeps off its database, and whether it may write to it. */
export interface GuardedJournal {
  readonly journal: OpenJournal
  /** Open where the restore check agreed. Shut for good once the journal fails. */
  readonly gate: SettableWriteGate
  readonly verdict: RestoreVerdict
  /** False once a write to the journal failed. */
  isJournalWritable(): boolean
  /** Advisory: a node that only reads is still the one that answers for its codes. */
  readonly readiness: ReadinessCheck
}

/** An empty journal beside a database that is not is looked at for two seconds. */
const LOOKS_MAX = 9
const LOOK_AGAIN_MILLISECONDS = 250
/** A node does not wait longer to start because a witness is down. */
const WITNESS_SECONDS_MAX = 2

/**
 * Opens the journal and makes the restore check, before anything of the node writes. Where the database does not agree
 * with journal and witnesses the node starts all the same and only reads: what it has is still true.
 */
export async function openWriteGate(parts: {
  directory: string
  entityId: string
  db: Kysely<IssuerTables>
  ambient: Ambient
  log: Log
  metrics: Pick<Metrics, 'writesRefused'>
  witnesses: () => Promise<readonly WitnessAddress[]>
  askWitness: AskWitness
}): Promise<GuardedJournal> {
  const { directory, entityId, db, ambient, log, metrics, witnesses, askWitness } = parts
  const gate = createWriteGate((readOnly) => metrics.writesRefused(readOnly !== undefined))
  let isJournalWritable = true
  const onFailure = (error: Error): void => {
    isJournalWritable = false
    log.error({ err: error, 'journal.directory': directory }, 'the journal failed: this node only reads now')
    gate.shut(`its journal cannot be written (${error.message})`)
  }
  let watchers = await witnesses()
  const look = async (): Promise<{ journal: OpenJournal; finding: RestoreFinding }> => {
    const journal = await openJournal({ directory, entityId, ambient, onFailure })
    const finding = await checkRestore({
      db,
      journal,
      witnesses: watchers,
      askWitness,
      witnessSecondsMax: WITNESS_SECONDS_MAX,
    })
    for (const word of finding.witnesses) {
      if (word.kind !== 'silent') continue
      log.warn(
        { 'witness.url': word.url, 'witness.detail': word.detail },
        'a witness said nothing of our log',
      )
      // Asked once: a node that looks again does not wait again.
      watchers = watchers.filter(({ url }) => url !== word.url)
    }
    return { journal, finding }
  }
  let { journal, finding } = await look()
  for (let looks = 1; finding.verdict.kind === 'unknown' && looks < LOOKS_MAX; looks++) {
    // Another process may be giving the very first numbers of a new node: its journal follows its commit.
    await journal.close()
    await delay(LOOK_AGAIN_MILLISECONDS)
    ;({ journal, finding } = await look())
  }
  const described = describeVerdict(finding.verdict)
  if (finding.verdict.kind === 'agrees') {
    // A crash between the first commit and its journal must not look like a journal that was lost.
    if (journal.wasEmpty) await journal.begin()
    gate.open()
  } else {
    log.error(
      { 'restore.verdict': finding.verdict.kind, 'restore.detail': described },
      'this node only reads',
    )
    gate.shut(described)
  }
  return {
    journal,
    gate,
    verdict: finding.verdict,
    isJournalWritable: () => isJournalWritable,
    readiness: {
      name: 'writes',
      isAdvisory: true,
      check() {
        const mode = gate.mode()
        if (mode === 'read-write') return Promise.resolve()
        return Promise.reject(new RegistryError('node-read-only', mode.readOnly))
      },
    },
  }
}
