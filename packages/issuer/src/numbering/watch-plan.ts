import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { NumberingPlan } from './numbering-plan.ts'
import { readPlanVersion, readVersionedPlan, type VersionedPlan } from './numbering.store.ts'

/** The plan in force, as far as this process knows: at most about a second old. */
export interface PlanWatch {
  plan(): NumberingPlan
  /** Grows with every change of the plan. */
  version(): number
  /** Looks now; whoever changed the plan calls it. */
  refresh(): Promise<void>
  stop(): void
}

const LOOK_EVERY_MILLISECONDS = 1000

/** Watches the plan that other processes may change. `changed` is told after `plan()` answers the new one. */
export function watchPlan(parts: {
  db: Kysely<IssuerTables>
  first: VersionedPlan
  changed: () => void
  onError: (error: unknown) => void
}): PlanWatch {
  const { db, changed, onError } = parts
  let known = parts.first
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  async function refresh(): Promise<void> {
    if ((await readPlanVersion(db)) === known.version) return
    const read = await readVersionedPlan(db)
    // Two looks may overlap; the later plan stays.
    if (read.version <= known.version) return
    known = read
    changed()
  }

  function lookLater(): void {
    if (stopped) return
    timer = setTimeout(() => {
      refresh().catch(onError).finally(lookLater)
    }, LOOK_EVERY_MILLISECONDS)
    timer.unref()
  }

  lookLater()
  return {
    plan: () => known.plan,
    version: () => known.version,
    refresh,
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
