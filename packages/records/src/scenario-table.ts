import { z } from 'zod'

import { LanguageTitle } from './advisory.ts'
import { Base64urlSha256, EntityId, NumericDate } from './claims.ts'
import { AUTHORITY_LIST_LIFETIME_SECONDS } from './list-page.ts'
import { TYP } from './media-type.ts'
import { SCENARIO_NAMES, SCENARIOS, ScenarioName, ScenarioTier } from './scenario.ts'
import { defineDocument } from './signed-document.ts'
import type { Rejected } from './verification.ts'
import { rejected } from './verification.ts'

/** One scenario of the policy with its tier (items 11, 15-33). */
export const ScenarioEntry = z.object({
  name: ScenarioName,
  /** Item of the policy. */
  item: z.int().min(1),
  title: LanguageTitle,
  tier: ScenarioTier,
  /** Since when it has this tier. */
  since: NumericDate,
})
export type ScenarioEntry = z.infer<typeof ScenarioEntry>

/** The controlled vocabulary of scenarios with their tiers, as the competent authority last decided them. */
export const ScenarioTable = z.object({
  iss: EntityId,
  iat: NumericDate,
  exp: NumericDate,
  ttl: z.int().min(1).max(AUTHORITY_LIST_LIFETIME_SECONDS),
  /** Grows by one with every decision; 1 is the table that the system begins with. */
  seq: z.int().min(1),
  /** `digest` of the table before; null in table 1. */
  prev: Base64urlSha256.nullable(),
  /** Of seq, prev and the digest of the scenarios, as of a list of one page. */
  digest: Base64urlSha256,
  /** Since when this table holds. */
  since: NumericDate,
  scenarios: z.array(ScenarioEntry),
  /** Identity of the decision (W12); null in table 1. */
  decision: Base64urlSha256.nullable(),
})
export type ScenarioTable = z.infer<typeof ScenarioTable>

function fault({ iat, exp, seq, prev, decision, scenarios }: ScenarioTable): Rejected | undefined {
  if (exp <= iat) return rejected('claims-invalid', 'exp is not after iat')
  if (exp - iat > AUTHORITY_LIST_LIFETIME_SECONDS)
    return rejected('lifetime-too-long', `a table lives ${AUTHORITY_LIST_LIFETIME_SECONDS} s at most`)
  if ((seq === 1) !== (prev === null) || (seq === 1) !== (decision === null))
    return rejected('claims-invalid', 'prev and decision are null in table 1 and only there')
  const isWhole =
    scenarios.length === SCENARIO_NAMES.length &&
    SCENARIO_NAMES.every((name, nth) => scenarios[nth]?.name === name)
  if (!isWhole) return rejected('claims-invalid', 'each scenario stands once, in the order of the policy')
  const misnumbered = scenarios.find(({ name, item }) => SCENARIOS[name].item !== item)
  return misnumbered === undefined
    ? undefined
    : rejected('claims-invalid', `${misnumbered.name} is not item ${misnumbered.item} of the policy`)
}

const document = defineDocument({ typ: TYP.scenarioTable, schema: ScenarioTable, fault })
export const signScenarioTable = document.sign
export const readScenarioTable = document.read
export const verifyScenarioTable = document.verify
