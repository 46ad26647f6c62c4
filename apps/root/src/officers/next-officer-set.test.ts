import type { PublicJwk } from '@arc3088/records'
import { expect, test } from 'vitest'

import { faultOfSet, mostNeeded, thresholdsOf, type ChangeOfficers } from './next-officer-set.ts'

const KINDS = ['operator:add', 'provider:assign']
const key = (kid: string): PublicJwk => ({ kty: 'OKP', crv: 'Ed25519', x: kid, kid, alg: 'Ed25519' })
const set = (change: Partial<ChangeOfficers> = {}): ChangeOfficers => ({
  keys: ['a', 'b', 'c', 'd'].map(key),
  threshold: 2,
  holders: { a: 'ann', b: 'bo', c: 'cy', d: 'dee' },
  ...change,
})

test.each<[string, ChangeOfficers]>([
  ['more officers than decide', set()],
  ['one more than decide', set({ threshold: 3 })],
  ['one more than a kind of act takes', set({ thresholds: { 'operator:add': 3 } })],
])('a set with %s is one', (_, next) => {
  expect(faultOfSet(next, KINDS)).toBeUndefined()
})

test.each<[string, ChangeOfficers, string]>([
  ['as many officers as decide', set({ threshold: 4 }), 'officers-too-few'],
  ['a kind of act that takes all', set({ thresholds: { 'operator:add': 4 } }), 'officers-too-few'],
  ['a number for no kind of act', set({ thresholds: { 'operator:ad': 2 } }), 'request-invalid'],
  ['a number for what every object has', set({ thresholds: { constructor: 2 } }), 'request-invalid'],
  ['a key twice', set({ keys: ['a', 'b', 'c', 'c'].map(key) }), 'request-invalid'],
  ['an officer with two keys', set({ holders: { a: 'ann', b: 'bo', c: 'cy', d: 'ann' } }), 'request-invalid'],
  ['a key of nobody', set({ holders: { a: 'ann', b: 'bo', c: 'cy' } }), 'request-invalid'],
  [
    'a holder of no key',
    set({ holders: { a: 'ann', b: 'bo', c: 'cy', d: 'dee', e: 'eve' } }),
    'request-invalid',
  ],
])('a set with %s is none', (_, next, because) => {
  expect(faultOfSet(next, KINDS)?.because).toBe(because)
})

test('thresholds that say nothing are left out, and the highest counts', () => {
  expect(thresholdsOf(set({ thresholds: {} }))).toEqual({ threshold: 2 })
  expect(thresholdsOf(set({ thresholds: { 'operator:add': 3 } }))).toEqual({
    threshold: 2,
    thresholds: { 'operator:add': 3 },
  })
  expect(mostNeeded({ threshold: 3, thresholds: { 'operator:add': 2 } })).toBe(3)
})
