import { expect, test } from 'vitest'

import { countBy, providerFigures } from './figures.ts'

const at = (text: string) => Date.parse(text) / 1000

test('counts providers by state, kind and country, and their growth month by month, empty months too', () => {
  const providers = [
    { state: 'active', kind: 'domestic', territory: 'CN', assignedAt: at('2026-11-30T23:59:59Z') },
    { state: 'retired', kind: 'overseas', territory: 'SG', assignedAt: at('2027-01-01T00:00:00Z') },
    { state: 'active', kind: 'domestic', territory: 'CN', assignedAt: at('2027-01-31T12:00:00Z') },
  ]
  expect(providerFigures(providers, new Date('2027-02-01T00:00:00Z'))).toEqual({
    total: 3,
    by_state: { active: 2, retired: 1 },
    by_kind: { domestic: 2, overseas: 1 },
    by_country: { CN: 2, SG: 1 },
    growth: [
      { month: '2026-11', assigned: 1, total: 1 },
      { month: '2026-12', assigned: 0, total: 1 },
      { month: '2027-01', assigned: 2, total: 3 },
      { month: '2027-02', assigned: 0, total: 3 },
    ],
  })
})

test('has no growth where nothing was ever assigned', () => {
  expect(providerFigures([], new Date('2027-02-01T00:00:00Z'))).toMatchObject({ total: 0, growth: [] })
})

test('counts in the order of names', () => {
  expect(Object.keys(countBy(['b', 'a', 'b'], (text) => text))).toEqual(['a', 'b'])
})
