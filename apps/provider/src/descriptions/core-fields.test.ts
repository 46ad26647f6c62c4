import { expect, test } from 'vitest'

import { coreDigestOf, coreFieldsOf } from './core-fields.ts'
import { Description } from './description.ts'
import { SCENARIOS } from '@arc3088/records'

const DESCRIPTION = Description.parse({
  name: { zh: '文献助手' },
  version: '1.0.0',
  capabilities: [
    { name: 'search', decision_authority: 'autonomous' },
    { name: 'order', description: 'orders a copy', decision_authority: 'user-authorised' },
  ],
  permissions: ['web-search', 'library'],
  scenario: 'scientific-research',
})

test('takes what makes an agent this agent, in an order that says nothing', () => {
  expect(coreFieldsOf(DESCRIPTION)).toEqual({
    capabilities: [
      { name: 'order', decision_authority: 'user-authorised' },
      { name: 'search', decision_authority: 'autonomous' },
    ],
    permissions: ['library', 'web-search'],
    scenario: 'scientific-research',
  })
})

test.each([
  ['another version', { version: '2.0.0' }],
  ['another name', { name: { en: 'Literature assistant' } }],
  ['a summary', { summary: { en: 'finds papers' } }],
  ['another order', { permissions: DESCRIPTION.permissions.toReversed() }],
  ['no prose', { capabilities: coreFieldsOf(DESCRIPTION).capabilities.map((one) => ({ ...one })) }],
])('%s is the same core', async (_, change) => {
  expect(await coreDigestOf({ ...DESCRIPTION, ...change })).toBe(await coreDigestOf(DESCRIPTION))
})

test.each([
  ['a capability less', { capabilities: DESCRIPTION.capabilities.slice(1) }],
  [
    'another decision authority',
    {
      capabilities: DESCRIPTION.capabilities.map((one) => ({
        ...one,
        decision_authority: 'user-only' as const,
      })),
    },
  ],
  ['another permission', { permissions: ['web-search'] }],
  ['another scenario', { scenario: 'finance' as const }],
])('%s is another core', async (_, change) => {
  expect(await coreDigestOf({ ...DESCRIPTION, ...change })).not.toBe(await coreDigestOf(DESCRIPTION))
})

test('has the nineteen scenarios of the policy, items 15 to 33, each in both languages', () => {
  const items = Object.values(SCENARIOS).map(({ item }) => item)
  expect(items).toEqual(Array.from({ length: 19 }, (_, nth) => nth + 15))
  expect(Object.values(SCENARIOS).every(({ zh, en }) => zh.length > 1 && en.length > 3)).toBe(true)
})
