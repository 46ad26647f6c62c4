import { asProviderNumber } from '@arc3088/codec'
import { expect, test } from 'vitest'

import type { Life } from '../life/life.ts'
import type { RequesterState } from '../requesters/requester.ts'
import { judgeRegistration, parentKey } from './registration.ts'

const mandate = { provider: asProviderNumber(1), lapse: undefined }
const request = { requester: 42, ontology: 7, wish: undefined, businessType: undefined }

function below(life: Life, requesterState: RequesterState) {
  return { parents: new Map([[parentKey(request), { life, requesterState }]]), mandate }
}

test.each([
  ['active', 'active', 'assign'],
  ['locked', 'active', 'ontology-state'],
  ['retired', 'active', 'ontology-state'],
  ['active', 'applied', 'requester-state'],
  ['locked', 'applied', 'ontology-state'],
] as const)('below an ontology that is %s, of a requester that is %s: %s', (life, state, expected) => {
  const judgement = judgeRegistration(request, below(life, state))
  expect(judgement.kind === 'refuse' ? judgement.because : judgement.kind).toBe(expected)
})

test("refuses another requester's ontology as one that is not there", () => {
  const foreign = { ...request, requester: 43 }
  expect(judgeRegistration(foreign, below('active', 'active'))).toMatchObject({
    kind: 'refuse',
    because: 'ontology-not-found',
  })
})

test('takes the wished serial along', () => {
  const wishing = { ...request, wish: 9 }
  expect(judgeRegistration(wishing, below('active', 'active'))).toEqual({
    kind: 'assign',
    parent: { provider: 1, requester: 42, ontology: 7, instance: 0 },
    wish: 9,
  })
})

test('assigns nothing while the root does not allow it', () => {
  const facts = { ...below('active', 'active'), mandate: { ...mandate, lapse: 'expired' } }
  expect(judgeRegistration(request, facts)).toMatchObject({ kind: 'refuse', because: 'appointment-lapsed' })
})
