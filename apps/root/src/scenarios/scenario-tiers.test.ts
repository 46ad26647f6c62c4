import { FIRST_TIERS, FIRST_TIERS_SINCE, SCENARIO_NAMES } from '@arc3088/records'
import { expect, test } from 'vitest'

import { SCENARIO_TABLE_RULES, tiersOf, withTiers } from './scenario-tiers.ts'

const { first } = SCENARIO_TABLE_RULES

test('the first table has all nineteen scenarios, with the tiers of the policy', () => {
  expect(first).toHaveLength(19)
  expect(tiersOf(first)).toEqual(FIRST_TIERS)
  expect(first.every(({ since }) => since === FIRST_TIERS_SINCE)).toBe(true)
})

test('a scenario has its new tier since the decision, and the others since whenever they had theirs', () => {
  const next = withTiers(first, { ...FIRST_TIERS, education: 'sensitive' }, 1_800_000_000)
  expect(next.find(({ name }) => name === 'education')).toMatchObject({
    tier: 'sensitive',
    since: 1_800_000_000,
  })
  expect(next.filter(({ since }) => since === FIRST_TIERS_SINCE)).toHaveLength(18)
})

test('a decision that names not every scenario changes nothing', async () => {
  const decision = { proposalId: 'p', kind: 'scenarios:set', hash: 'h', decidedAt: new Date(0) }
  const tiers = Object.fromEntries(SCENARIO_NAMES.slice(1).map((name) => [name, 'ordinary']))
  expect(await SCENARIO_TABLE_RULES.turn(first, { ...decision, payload: { tiers } })).toBeUndefined()
})
