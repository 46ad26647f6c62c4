import { FIRST_TIERS, ScenarioName, ScenarioTier, type ScenarioTiers } from '@arc3088/records'
import { z } from 'zod'

const TakenTiers = z.object({ tiers: z.record(ScenarioName, ScenarioTier) })

/** The tiers that this provider goes by: those of the root's table, and before one was taken those of the policy. */
export function tiersIn(content: object | undefined): ScenarioTiers {
  const taken = TakenTiers.safeParse(content)
  return taken.success ? taken.data.tiers : FIRST_TIERS
}
