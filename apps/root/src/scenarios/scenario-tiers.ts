import type { VerifiedDecision } from '@arc3088/issuer'
import {
  FIRST_TIERS,
  FIRST_TIERS_SINCE,
  SCENARIO_NAMES,
  SCENARIOS,
  ScenarioName,
  ScenarioTier,
  signScenarioTable,
  type ScenarioEntry,
  type ScenarioTiers,
} from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import { z } from 'zod'

import type { ListRules } from '../lists/decided-list.ts'

/** Where the table is served. */
export const SCENARIOS_PATH = '/v1/scenarios'
/** The kind of a proposal that sets tiers. */
export const SET_SCENARIOS = 'scenarios:set'

/** The tier of every scenario, as it shall be. */
export const ScenariosPayload = z.strictObject({ tiers: z.record(ScenarioName, ScenarioTier) })
export type ScenariosPayload = z.infer<typeof ScenariosPayload>

/** The table with other tiers; a scenario whose tier stays keeps the day since when it has it. */
export function withTiers(
  entries: readonly ScenarioEntry[],
  tiers: ScenarioTiers,
  since: number,
): readonly ScenarioEntry[] {
  return entries.map((entry) =>
    entry.tier === tiers[entry.name] ? entry : { ...entry, tier: tiers[entry.name], since },
  )
}

/** The tiers of a table by the names of its scenarios. */
export function tiersOf(entries: readonly ScenarioEntry[]): Partial<ScenarioTiers> {
  return Object.fromEntries(entries.map(({ name, tier }) => [name, tier]))
}

const FIRST: readonly ScenarioEntry[] = SCENARIO_NAMES.map((name) => {
  const { item, zh, en } = SCENARIOS[name]
  return { name, item, title: { zh, en }, tier: FIRST_TIERS[name], since: FIRST_TIERS_SINCE }
})

/** The scenario table: a list of one page, since the policy has nineteen. */
export const SCENARIO_TABLE_RULES: ListRules<ScenarioEntry> = {
  kinds: [SET_SCENARIOS],
  entriesAPage: SCENARIO_NAMES.length,
  first: FIRST,
  turn(entries, decision: VerifiedDecision) {
    const payload = ScenariosPayload.safeParse(decision.payload)
    const since = numericDate(decision.decidedAt)
    return Promise.resolve(payload.success ? withTiers(entries, payload.data.tiers, since) : undefined)
  },
  async sign(signer, { page: _page, pages: _pages, entries, ...head }, last) {
    return await signScenarioTable(signer, {
      ...head,
      since: last === undefined ? FIRST_TIERS_SINCE : numericDate(last.decidedAt),
      scenarios: [...entries],
      decision: last?.hash ?? null,
    })
  },
}
