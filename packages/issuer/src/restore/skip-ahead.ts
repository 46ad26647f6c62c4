import { RegistryError } from '@arc3088/problems'
import type { Ambient } from '@arc3088/service'

import { lockNames } from '../assignment/assignment.store.ts'
import { insertAuditEntry } from '../audit/audit.store.ts'
import { readShownCheckpoints } from '../log/log-checkpoint.store.ts'
import { readLogState } from '../log/log-leader.store.ts'
import { STATUS_LIST_ENTRIES } from '../status/status-list.store.ts'
import { checkRestore, type RestoreParts } from './check-restore.ts'
import { describeVerdict } from './restore-verdict.ts'
import {
  burnPositions,
  closeChosenRanges,
  fillStatusLists,
  readLeasedRanges,
  skipListNumbers,
} from './restore.store.ts'

/** What was given up. */
export interface SkipReport {
  readonly ranges: number
  readonly statusLists: number
  readonly chosenRangesClosed: number
}

/** List numbers left out besides those that the skipped entries would have filled. */
const LIST_NUMBERS_SPARE = 16

/**
 * For a node whose journal is lost: gives up a stated number of numbers of every range, and every open status list, and
 * begins the journal anew. Whatever was given out since the database's last lease and lies beyond that number would be
 * given again, so that it is the operator who states it. Demands a witness that finds its own last checkpoint in our log, unless
 * there is no log yet. Chosen codes that are in no log cannot be known: `closeChosen` closes their ranges.
 */
export async function skipAhead(
  parts: RestoreParts,
  options: { ambient: Ambient; operator: string; count: number; closeChosen: boolean },
): Promise<SkipReport> {
  const { db, journal } = parts
  const { ambient, operator, count, closeChosen } = options
  if (!journal.wasEmpty) throw refuse('the journal is not empty: burn what it says instead of skipping ahead')
  const { verdict, witnesses } = await checkRestore(parts)
  if (verdict.kind === 'behind' || verdict.kind === 'contradicts') throw refuse(describeVerdict(verdict))
  const logSize = (await readLogState(db))?.size ?? 0
  if (logSize > 0 && !witnesses.some((word) => word.kind === 'agrees')) {
    throw refuse('no witness said that this log extends what it has seen')
  }
  const at = ambient.now()
  return await db.transaction().execute(async (tx) => {
    await lockNames(tx, ['restore'])
    await journal.begin()
    const ranges = await readLeasedRanges(tx)
    let raised = 0
    for (const range of ranges) {
      const upTo = Math.min(range.last - range.first + 1, range.leased + count)
      // The journal goes first: what it says and the database does not have yet is burnt by the next run.
      await journal.range(range)
      await journal.lease({ rangeId: range.id, upTo })
      if (await burnPositions(tx, { rangeId: range.id, upTo, reason: 'the journal was lost', at })) raised++
    }
    ambient.reached('restore:leases')
    const lists = count === 0 ? [] : await fillStatusLists(tx)
    for (const { number, level } of lists) {
      await journal.lease({ statusList: number, level, upTo: STATUS_LIST_ENTRIES })
    }
    if (count > 0) await skipListNumbers(tx, Math.ceil(count / STATUS_LIST_ENTRIES) + LIST_NUMBERS_SPARE)
    const { published } = await readShownCheckpoints(tx)
    if (published !== undefined) await journal.checkpoint(published.note)
    const closed = closeChosen ? await closeChosenRanges(tx, at) : 0
    const report: SkipReport = { ranges: raised, statusLists: lists.length, chosenRangesClosed: closed }
    await insertAuditEntry(tx, {
      id: ambient.newId(),
      at,
      actor: operator,
      act: 'restore:skip-ahead',
      object: 'database',
      reason: describeVerdict(verdict),
      detail: { count, ...report },
    })
    ambient.reached('restore:audited')
    return report
  })
}

function refuse(detail: string): RegistryError {
  return new RegistryError('restore-refused', detail)
}
