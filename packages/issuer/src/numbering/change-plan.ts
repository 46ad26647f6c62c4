import { violates } from '@arc3088/db'
import { RegistryError } from '@arc3088/problems'
import type { Ambient } from '@arc3088/service'
import type { Level } from '@arc3088/codec'
import type { Kysely, Transaction } from 'kysely'

import { lockNames } from '../assignment/assignment.store.ts'
import { insertAuditEntry } from '../audit/audit.store.ts'
import type { IssuerTables } from '../db/tables.ts'
import type { WriteGate } from '../journal/write-gate.ts'
import { judgeNewRange } from './new-range.ts'
import type { NumberingRange } from './numbering-plan.ts'
import { closeNumberingRange, insertNumberingRange, readVersionedPlan } from './numbering.store.ts'
import { SCRAMBLE_KEY_BYTES } from './scramble.ts'
import type { PlanWatch } from './watch-plan.ts'

/** What the desk of a numbering plan is given. */
export interface NumberingDesk {
  readonly db: Kysely<IssuerTables>
  readonly ambient: Ambient
  readonly gate: Pick<WriteGate, 'demandWritable'>
  readonly plan: PlanWatch
}

/** Who changes a plan, why, and which version of it they looked at. */
export interface PlanChange {
  readonly operator: string
  readonly reason: string
  readonly version: number
}

/**
 * Adds a range to the plan (GB/Z 185.2 5.6 a, 6 e). Throws `precondition-failed` for a plan that has changed, and
 * `range-overlaps`, `range-taken` or `request-invalid` with the clause. Every process uses it within about a second.
 */
export async function addRange(
  desk: NumberingDesk,
  range: NumberingRange,
  change: PlanChange,
): Promise<void> {
  const { ambient } = desk
  await changePlan(desk, change, async (tx, plan) => {
    const verdict = judgeNewRange(plan, range)
    if (verdict.kind === 'refuse') {
      throw new RegistryError(verdict.because, verdict.detail, { extra: verdict.extra })
    }
    const scrambleKey = range.kind === 'scrambled' ? ambient.randomBytes(SCRAMBLE_KEY_BYTES) : null
    try {
      await insertNumberingRange(tx, { ...range, id: ambient.newId(), scrambleKey, createdAt: ambient.now() })
    } catch (error) {
      // The plan is locked, but what guards it in the end is the database.
      if (!violates(error, 'numbering_range_disjoint')) throw error
      const detail = `The range ${range.name} overlaps another of its level`
      throw new RegistryError('range-overlaps', detail, { cause: error, extra: { clause: '5.6 a' } })
    }
    return { act: 'numbering:add', object: objectOf(range), detail: { ...range } }
  })
}

/** Closes a range: it gives no more numbers, and what it gave stays. Closing again is refused as `range-closed`. */
export async function closeRange(
  desk: NumberingDesk,
  range: { level: Level; name: string },
  change: PlanChange,
): Promise<void> {
  const at = desk.ambient.now()
  await changePlan(desk, change, async (tx) => {
    const closed = await closeNumberingRange(tx, { ...range, at })
    if (closed === undefined) {
      const detail = `There is no range ${range.name} at level ${range.level}`
      throw new RegistryError('range-unknown', detail, { extra: { clause: '5.6 a' } })
    }
    if (!closed.wasOpen) throw new RegistryError('range-closed', `The range ${range.name} is closed already`)
    return { act: 'numbering:close', object: objectOf(range), detail: { ...range } }
  })
}

interface PlanAct {
  readonly act: string
  readonly object: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** One change at a time, of the plan that was looked at, with its audit entry; this process knows it before it answers. */
async function changePlan(
  { db, ambient, gate, plan: watch }: NumberingDesk,
  { operator, reason, version }: PlanChange,
  work: (tx: Transaction<IssuerTables>, plan: readonly NumberingRange[]) => Promise<PlanAct>,
): Promise<void> {
  gate.demandWritable()
  await db.transaction().execute(async (tx) => {
    await lockNames(tx, ['numbering-plan'])
    const known = await readVersionedPlan(tx)
    if (known.version !== version) {
      throw new RegistryError('precondition-failed', 'The numbering plan has changed since it was read')
    }
    const act = await work(tx, known.plan)
    ambient.reached('numbering:changed')
    await insertAuditEntry(tx, { ...act, id: ambient.newId(), at: ambient.now(), actor: operator, reason })
  })
  ambient.reached('numbering:committed')
  await watch.refresh()
}

function objectOf({ level, name }: { level: Level; name: string }): string {
  return `numbering:${level}/${name}`
}
