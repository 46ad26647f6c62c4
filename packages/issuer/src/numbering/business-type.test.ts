import { describe, expect, test } from 'vitest'

import { businessTypeRefusal, countNumbers } from './business-type.ts'
import { isChoosable, isWithoutLease, type NumberingPlan } from './numbering-plan.ts'

const PLAN: NumberingPlan = [
  { level: 'instance', name: 'chosen', kind: 'chosen', first: 1, last: 9 },
  { level: 'instance', name: 'toys', kind: 'chosen', first: 10, last: 19, businessType: 'toys' },
  { level: 'instance', name: 'old', kind: 'chosen', first: 20, last: 29, closed: true },
  { level: 'instance', name: 'general', kind: 'sequential', first: 30, last: 99 },
]

describe('a wished number', () => {
  test.each([
    ['of a range for everybody', 5, undefined, true],
    ['of a range of the same business type', 15, 'toys', true],
    ['of a range of a business type, by a request that names none', 15, undefined, false],
    ['of a range for everybody, by a request that names a type', 5, 'toys', false],
    ['of a closed range', 25, undefined, false],
    ['of a range whose numbers are leased', 50, undefined, false],
  ])('%s', (_, number, businessType, expected) => {
    expect(isChoosable(PLAN, 'instance', number, businessType)).toBe(expected)
  })

  test('goes to the journal whether its range is still open or not', () => {
    expect([5, 15, 25, 50].map((number) => isWithoutLease(PLAN, 'instance', number))).toEqual([
      true,
      true,
      true,
      false,
    ])
  })
})

test('refuses a business type that nobody planned for, with the clause', () => {
  expect(businessTypeRefusal(PLAN, 'instance', 'toys')).toBeUndefined()
  expect(businessTypeRefusal(PLAN, 'instance', undefined)).toBeUndefined()
  expect(businessTypeRefusal(PLAN, 'ontology', 'toys')).toMatchObject({
    code: 'range-unknown',
    extra: { clause: '5.6 a', business_type: 'toys' },
  })
})

test('counts what a batch draws: nothing for wishes, the rest by business type', () => {
  const requests: { wish?: number; type?: string }[] = [
    {},
    { wish: 5 },
    { type: 'toys' },
    { type: 'toys' },
    {},
  ]
  const counted = countNumbers(requests, {
    wishOf: ({ wish }) => wish,
    businessTypeOf: ({ type }) => type,
  })
  expect(counted).toEqual({ numbers: 2, ofBusinessType: new Map([['toys', 2]]) })
})
