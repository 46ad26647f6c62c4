import { RegistryError } from '@arc3088/problems'
import type { Ambient } from '@arc3088/service'
import type { Transaction } from 'kysely'

import { lockNames } from '../assignment/assignment.store.ts'
import { insertAuditEntry } from '../audit/audit.store.ts'
import type { IssuerTables } from '../db/tables.ts'
import type { OpenJournal } from '../journal/open-journal.ts'
import { insertNumberingRange } from '../numbering/numbering.store.ts'
import { SCRAMBLE_KEY_BYTES } from '../numbering/scramble.ts'
import { batchesOf, checkRestore, shownIn, type RestoreFinding, type RestoreParts } from './check-restore.ts'
import { replayLog, type LogReplay } from './replay-log.ts'
import { describeVerdict } from './restore-verdict.ts'
import {
  advanceListNumber,
  burnCodes,
  burnPositions,
  burnStatusEntries,
  findMissingCodes,
  readLeases,
  rememberOpenBlocks,
} from './restore.store.ts'

/** What was burnt. */
export interface BurnReport {
  readonly ranges: number
  readonly rangesMadeAgain: number
  readonly statusLists: number
  readonly chosenCodes: number
  readonly log: LogReplay
}

const CODES_AT_ONCE = 4096

/**
 * Gives up everything that was given out in a life of the database that is lost, so that none of it is ever given
 * again: ranges and status lists are raised to the journal's marks, chosen codes go into the ledger, the log goes on
 * from its last checkpoint. One transaction with its audit entry: it happens or it does not, and again changes nothing.
 * Throws `restore-refused` where the log cannot be continued.
 */
export async function burnLost(
  parts: RestoreParts,
  { ambient, operator }: { ambient: Ambient; operator: string },
): Promise<BurnReport | 'nothing-to-burn'> {
  const { db, journal } = parts
  const before = await checkRestore(parts)
  if (before.verdict.kind === 'agrees') return 'nothing-to-burn'
  if (before.verdict.kind !== 'behind') throw refusal(before)
  const at = ambient.now()
  const report = await db.transaction().execute(async (tx) => {
    await lockNames(tx, ['restore'])
    const burnt = await burnMarks(tx, { journal, ambient, at })
    ambient.reached('restore:leases')
    const chosenCodes = await burnChosen(tx, journal, at)
    ambient.reached('restore:codes')
    const shown = shownIn(journal)
    const { checkpoint: note } = journal.marks
    const log =
      shown === undefined || note === undefined
        ? { appended: 0, queued: 0, undone: { statuses: 0, codes: [], keySteps: 0 } }
        : await replayLog(tx, { shown, note, runs: journal.logEntries(), at })
    ambient.reached('restore:log')
    const done: BurnReport = { ...burnt, chosenCodes, log }
    await insertAuditEntry(tx, {
      id: ambient.newId(),
      at,
      actor: operator,
      act: 'restore:burn',
      object: 'database',
      reason: describeVerdict(before.verdict),
      detail: { ...done },
    })
    ambient.reached('restore:audited')
    return done
  })
  ambient.reached('restore:committed')
  const after = await checkRestore(parts)
  if (after.verdict.kind !== 'agrees') throw refusal(after)
  return report
}

/** Raises every range and status list to its mark. A range that the database lost is made again, with its old key. */
async function burnMarks(
  tx: Transaction<IssuerTables>,
  { journal, ambient, at }: { journal: OpenJournal; ambient: Ambient; at: Date },
): Promise<Pick<BurnReport, 'ranges' | 'rangesMadeAgain' | 'statusLists'>> {
  const { leases, lists, ranges } = journal.marks
  const reason = 'restored from an older backup'
  const known = await readLeases(tx)
  await rememberOpenBlocks(tx, { reason, at })
  let [raised, made, raisedLists] = [0, 0, 0]
  for (const [rangeId, upTo] of leases) {
    if (!known.has(rangeId)) {
      const range = ranges.get(rangeId)
      if (range === undefined) throw new Error(`the journal has leases of range ${rangeId} and not the range`)
      await insertNumberingRange(tx, { ...range, createdAt: at })
      made++
    }
    if (await burnPositions(tx, { rangeId, upTo, reason, at })) raised++
  }
  for (const { statusList: list, level, upTo } of lists.values()) {
    const scrambleKey = ambient.randomBytes(SCRAMBLE_KEY_BYTES)
    if (await burnStatusEntries(tx, { list, level, upTo, scrambleKey, at })) raisedLists++
  }
  if (raisedLists > 0) await advanceListNumber(tx)
  return { ranges: raised, rangesMadeAgain: made, statusLists: raisedLists }
}

async function burnChosen(tx: Transaction<IssuerTables>, journal: OpenJournal, at: Date): Promise<number> {
  let count = 0
  for await (const keys of batchesOf(journal.chosenCodes(), CODES_AT_ONCE)) {
    const missing = await findMissingCodes(tx, keys)
    if (missing.length === 0) continue
    count += await burnCodes(tx, missing, { reason: 'restored from an older backup', at })
  }
  return count
}

function refusal({ verdict }: RestoreFinding): RegistryError {
  return new RegistryError('restore-refused', describeVerdict(verdict))
}
