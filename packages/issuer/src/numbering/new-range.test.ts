import { expect, test } from 'vitest'

import { judgeNewRange, RANGES_MAX } from './new-range.ts'
import type { NumberingPlan, NumberingRange } from './numbering-plan.ts'

const PLAN: NumberingPlan = [
  { level: 'instance', name: 'chosen', kind: 'chosen', first: 1, last: 99 },
  { level: 'instance', name: 'old', kind: 'sequential', first: 100, last: 199, closed: true },
  { level: 'ontology', name: 'general', kind: 'scrambled', first: 1, last: 9999 },
]
const range = (change: Partial<NumberingRange>): NumberingRange => ({
  level: 'instance',
  name: 'medical',
  kind: 'scrambled',
  first: 200,
  last: 299,
  ...change,
})

test.each([
  ['right after the last', range({})],
  ['in a level where its name is not taken', range({ name: 'general' })],
  ['of one number', range({ first: 200, last: 200 })],
])('adds a range %s', (_, wanted) => {
  expect(judgeNewRange(PLAN, wanted)).toEqual({ kind: 'add' })
})

test.each([
  ['a name that is taken', range({ name: 'chosen' }), 'range-taken'],
  ['the name of a closed range', range({ name: 'old' }), 'range-taken'],
  ['one number of another', range({ first: 99, last: 99 }), 'range-overlaps'],
  [
    'numbers of a closed range: what it gave is given for ever',
    range({ first: 150, last: 160 }),
    'range-overlaps',
  ],
  ['one that holds another', range({ first: 50, last: 300 }), 'range-overlaps'],
  ['one that ends before it begins', range({ first: 300, last: 299 }), 'request-invalid'],
  [
    'a provider number of six symbols',
    range({ level: 'provider', first: 36 ** 5 - 1, last: 36 ** 5 }),
    'request-invalid',
  ],
  ['number 0, which is the ontology itself', range({ first: 0, last: 5 }), 'request-invalid'],
])('refuses %s, with the clause', (_, wanted, because) => {
  expect(judgeNewRange(PLAN, wanted)).toMatchObject({ kind: 'refuse', because, extra: { clause: '5.6 a' } })
})

test('refuses more ranges than a plan is published with', () => {
  const full = Array.from({ length: RANGES_MAX }, (_, nth) =>
    range({ name: `r${nth}`, first: 1000 + nth, last: 1000 + nth }),
  )
  expect(judgeNewRange(full, range({}))).toMatchObject({ because: 'request-invalid' })
})
