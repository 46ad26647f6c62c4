import { RegistryError } from '@arc3088/problems'
import { ScenarioName, ScenarioTier } from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import { z } from 'zod'

import { defineAct } from '../acts/act.ts'
import { queueList } from '../lists/log-list.ts'
import { SCENARIOS_PATH, SET_SCENARIOS, ScenariosPayload, tiersOf, withTiers } from './scenario-tiers.ts'

/** The tiers that shall be others; those that are not named stay. */
const Ask = z.strictObject({ tiers: z.partialRecord(ScenarioName, ScenarioTier) })
type Ask = z.infer<typeof Ask>

/** What setting the tiers led to. */
export interface ScenariosSet {
  /** Number and digest of the table. */
  readonly seq: number
  readonly digest: string
  readonly uri: string
}

/** The authority decides how strictly each field is governed (policy item 11). */
export const setScenarios = defineAct<Ask, ScenariosPayload, ScenariosSet>({
  kind: SET_SCENARIOS,
  summary: 'Decide which scenarios are sensitive, and which ordinary',
  proposers: ['officer'],
  ask: Ask,
  payload: ScenariosPayload,
  async prepare(deps, _tx, { tiers }) {
    const known = tiersOf((await deps.lists.scenarios.standing()).entries)
    const next = ScenariosPayload.parse({ tiers: { ...known, ...tiers } })
    if (Object.entries(next.tiers).every(([name, tier]) => known[ScenarioName.parse(name)] === tier))
      throw new RegistryError('request-invalid', 'This is the table already')
    return { payload: next, objects: ['scenarios'] }
  },
  async carryOut(deps, tx, { payload, decidedAt }) {
    const { scenarios } = deps.lists
    const { entries } = await scenarios.standing()
    const standing = await scenarios.after(withTiers(entries, payload.tiers, numericDate(decidedAt)))
    await queueList(deps, tx, { path: SCENARIOS_PATH, standing })
    deps.node.ambient.reached('scenarios:set')
    const { seq, digest } = standing
    return { seq, digest, uri: `${deps.node.entityId}${SCENARIOS_PATH}` }
  },
})
