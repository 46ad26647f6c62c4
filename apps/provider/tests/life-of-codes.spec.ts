import { verifyEvidence, pinAnchor } from '@arc3088/trust'
import { waitFor } from '@arc3088/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { textOf } from './answers.ts'
import { approvedOntology, verifiedRequester, type TestRequester } from './requester-acts.ts'
import { startRootProcess, type RootProcess } from './start-root-process.ts'
import { startTestProvider, type TestProvider } from './start-test-provider.ts'

let root: RootProcess
let provider: TestProvider
let requester: TestRequester

beforeAll(async () => {
  root = await startRootProcess()
  provider = await startTestProvider(root)
  await provider.appoint(null)
  requester = await verifiedRequester(provider)
})
afterAll(async () => {
  await provider[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

async function verdictOf(code: string): Promise<string> {
  const anchor = pinAnchor(root.anchorText)
  if ('kind' in anchor) throw new Error(anchor.detail)
  const { body } = await provider.anyone.get(`/v1/codes/${code}`)
  return (await verifyEvidence({ code, bundle: body, anchor, at: Math.floor(Date.now() / 1000) })).verdict
}

/** A status list is signed afresh at most once a second. */
async function becomes(code: string, verdict: string): Promise<void> {
  await waitFor(async () => (await verdictOf(code)) === verdict, { what: `${code} to be ${verdict}` })
}

async function register(ontology: string): Promise<string> {
  return textOf(await requester.post(`/v1/ontologies/${ontology}/instances`, {}), 'code')
}

const because = { reason: 'a reason' }

test('a locked ontology reaches every instance at once; one locked on its own stays so when it is unlocked', async () => {
  const ontology = await approvedOntology(provider, requester)
  const [one, two] = [await register(ontology), await register(ontology)]
  expect((await requester.post(`/v1/codes/${one}/lock`, because)).body).toEqual({
    code: one,
    level: 'instance',
    state: 'locked',
  })
  await requester.post(`/v1/codes/${ontology}/lock`, because)
  await becomes(one, 'suspended')
  await becomes(two, 'suspended')
  await provider.operator('rita').post(`/v1/codes/${ontology}/unlock`, because)
  await becomes(two, 'valid')
  expect(await verdictOf(one)).toBe('suspended')
})

test('registers nothing below an ontology that is locked or retired', async () => {
  const ontology = await approvedOntology(provider, requester)
  const attempt = () => requester.post(`/v1/ontologies/${ontology}/instances`, {})
  await requester.post(`/v1/codes/${ontology}/lock`, because)
  expect(await attempt()).toMatchObject({ status: 409, body: { code: 'ontology-state' } })
  await requester.post(`/v1/codes/${ontology}/unlock`, because)
  expect((await attempt()).status).toBe(201)
  await requester.post(`/v1/codes/${ontology}/retire`, because)
  expect(await attempt()).toMatchObject({ status: 409, body: { code: 'ontology-state' } })
})

test('retired is for ever, still resolvable, and its serial is never given again', async () => {
  const ontology = await approvedOntology(provider, requester)
  const path = `/v1/ontologies/${ontology}/instances`
  const code = textOf(await requester.post(path, { serial: 'ONCE' }), 'code')
  expect((await requester.post(`/v1/codes/${code}/retire`, because)).body['state']).toBe('retired')
  expect((await requester.post(`/v1/codes/${code}/retire`, because)).status).toBe(200)
  for (const act of ['lock', 'unlock']) {
    const refused = await requester.post(`/v1/codes/${code}/${act}`, because)
    expect(refused).toMatchObject({ status: 409, body: { code: 'code-state' } })
  }
  await becomes(code, 'retired')
  expect(await requester.post(path, { serial: 'ONCE' })).toMatchObject({ body: { code: 'code-taken' } })
})

test('writes one step, one status act and one audit entry a change, however often it is asked', async () => {
  const ontology = await approvedOntology(provider, requester)
  const code = await register(ontology)
  await Promise.all(
    Array.from({ length: 8 }, () => requester.post(`/v1/codes/${code}/lock`, { reason: 'once' })),
  )
  const { db } = provider.database
  const { instance, ontology: serial } = keyOf(code)
  const steps = await db
    .selectFrom('code_transition')
    .select(['act', 'from_life', 'to_life', 'reason'])
    .where('ontology', '=', serial)
    .where('instance', '=', instance)
    .execute()
  expect(steps).toEqual([{ act: 'lock', from_life: 'active', to_life: 'locked', reason: 'once' }])
  const acts = await db
    .selectFrom('outbox')
    .select('act')
    .where('ontology', '=', serial)
    .where('instance', '=', instance)
    .orderBy('id')
    .execute()
  expect(acts.map(({ act }) => act)).toEqual(['assign', 'status'])
  const audit = await provider.operator('audit').get(`/v1/desk/audit?object=code:${code}`)
  expect(audit.body['items']).toHaveLength(1)
})

test('a code that was never assigned has no life, nor has a code prefix', async () => {
  for (const code of [`${requester.code}.1Z9.0`, requester.code]) {
    const answer = await requester.post(`/v1/codes/${code}/lock`, because)
    expect(answer).toMatchObject({ status: 404, body: { code: 'code-not-found' } })
  }
})

function keyOf(code: string): { ontology: number; instance: number } {
  const [ontology, instance] = code.split('.').slice(-2)
  return { ontology: Number.parseInt(ontology ?? '', 36), instance: Number.parseInt(instance ?? '', 36) }
}
