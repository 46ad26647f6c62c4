import { v7 } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { ask, refusal } from './desk-people.ts'
import { startTestRoot, type OfficerName, type TestRoot } from './start-test-root.ts'
import { newSigner } from './test-applicant.ts'

let root: TestRoot
let dee: { readonly id: string; readonly signer: Awaited<ReturnType<typeof newSigner>> }
beforeAll(async () => {
  root = await startTestRoot()
  const signer = await newSigner()
  const { operator } = await root.act('operator:add', { name: 'dee', role: 'officer', jwk: signer.publicJwk })
  dee = { id: String(operator), signer }
})
afterAll(async () => {
  await root[Symbol.asyncDispose]()
})

const NAMES = ['ann', 'bo', 'cy'] as const
const idOf = (name: OfficerName) => ({ operator: root.officer(name).id })
const everybody = () => [...NAMES.map(idOf), { operator: dee.id }]

test.each<[string, () => object, number, string]>([
  [
    'of which as many decide as there are',
    () => ({ officers: everybody(), threshold: 4 }),
    409,
    'officers-too-few',
  ],
  [
    'of which one kind of act takes all',
    () => ({ officers: everybody(), threshold: 2, thresholds: { 'operator:add': 4 } }),
    409,
    'officers-too-few',
  ],
  [
    'with a number for no kind of act',
    () => ({ officers: everybody(), threshold: 2, thresholds: { 'operator:ad': 3 } }),
    400,
    'request-invalid',
  ],
  ['where one alone decides', () => ({ officers: everybody(), threshold: 1 }), 400, 'request-invalid'],
  [
    'with too few to decide at all',
    () => ({ officers: everybody().slice(0, 2), threshold: 2 }),
    400,
    'request-invalid',
  ],
  [
    'where one stands twice',
    () => ({ officers: [...NAMES.map(idOf), idOf('ann')], threshold: 2 }),
    400,
    'request-invalid',
  ],
  [
    'where a clerk decides',
    () => ({
      officers: [...NAMES.map(idOf), { operator: root.officer('clerk').id, jwk: dee.signer.publicJwk }],
      threshold: 2,
    }),
    409,
    'operator-state',
  ],
  [
    'with the key of another',
    () => ({
      officers: [idOf('ann'), idOf('bo'), { ...idOf('cy'), jwk: dee.signer.publicJwk }],
      threshold: 2,
    }),
    409,
    'officer-key-known',
  ],
  [
    'with a key of the node',
    () => ({
      officers: [idOf('ann'), idOf('bo'), { ...idOf('cy'), jwk: root.keys.signer('issuing').publicJwk }],
      threshold: 2,
    }),
    409,
    'key-two-purposes',
  ],
  [
    'with nobody',
    () => ({ officers: [...NAMES.map(idOf), { operator: v7() }], threshold: 2 }),
    403,
    'officer-key-unknown',
  ],
])('a change of officers %s is refused', async (_, asked, status, code) => {
  const body = { kind: 'officers:change', ask: asked(), reason: 'as was asked' }
  const answer = await ask(root, root.officer('ann').token, 'POST', '/v1/desk/proposals', body)
  const [given, named] = await refusal(answer)
  expect(named).toBe(code)
  expect(given).toBe(status)
})
