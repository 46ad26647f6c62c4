import { verifyEvidence, pinAnchor } from '@arc3088/trust'
import { waitFor } from '@arc3088/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { textOf } from './answers.ts'
import { approvedOntology, verifiedRequester, type TestRequester } from './requester-acts.ts'
import { startRootProcess, type RootProcess } from './start-root-process.ts'
import { startTestProvider, type Caller, type TestProvider } from './start-test-provider.ts'

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
    locked_by: 'requester',
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
    .select(['act', 'from_life', 'to_life', 'to_locked_by', 'reason'])
    .where('ontology', '=', serial)
    .where('instance', '=', instance)
    .execute()
  expect(steps).toEqual([
    { act: 'lock', from_life: 'active', to_life: 'locked', to_locked_by: 'requester', reason: 'once' },
  ])
  const audit = await provider.operator('audit').get(`/v1/desk/audit?object=code:${code}`)
  expect(audit.body['items']).toHaveLength(1)
})

test("keeps a code locked that the desk locked, over the requester's own lock too, until a reviewer unlocks it", async () => {
  const ontology = await approvedOntology(provider, requester)
  const code = await register(ontology)
  const rita = provider.operator('rita')
  const ask = (who: Caller, act: string) => who.post(`/v1/codes/${code}/${act}`, because)
  expect((await ask(requester, 'lock')).body['locked_by']).toBe('requester')
  expect((await ask(rita, 'lock')).body).toMatchObject({ state: 'locked', locked_by: 'desk' })
  expect((await ask(requester, 'lock')).body).toMatchObject({ state: 'locked', locked_by: 'desk' })
  const refused = await ask(requester, 'unlock')
  expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } })
  expect(refused.body['detail']).toContain('only a reviewer')
  await becomes(code, 'suspended')
  expect((await ask(rita, 'unlock')).body).toMatchObject({ state: 'active', locked_by: null })
  await becomes(code, 'valid')
  const { instance, ontology: serial } = keyOf(code)
  const steps = await provider.database.db
    .selectFrom('code_transition')
    .select(['act', 'from_locked_by', 'to_locked_by'])
    .where('ontology', '=', serial)
    .where('instance', '=', instance)
    .orderBy('id')
    .execute()
  expect(steps).toEqual([
    { act: 'lock', from_locked_by: null, to_locked_by: 'requester' },
    { act: 'lock', from_locked_by: 'requester', to_locked_by: 'desk' },
    { act: 'unlock', from_locked_by: 'desk', to_locked_by: null },
  ])
  const audit = await provider.operator('audit').get(`/v1/desk/audit?object=code:${code}`)
  expect(audit.body['items']).toHaveLength(3)
})

test("a reviewer unlocks a requester's own lock; a requester retires what the desk locked", async () => {
  const ontology = await approvedOntology(provider, requester)
  const rita = provider.operator('rita')
  await requester.post(`/v1/codes/${ontology}/lock`, because)
  expect((await rita.post(`/v1/codes/${ontology}/unlock`, because)).body['state']).toBe('active')
  await rita.post(`/v1/codes/${ontology}/lock`, because)
  expect((await requester.post(`/v1/codes/${ontology}/unlock`, because)).status).toBe(403)
  expect((await requester.post(`/v1/codes/${ontology}/retire`, because)).body['state']).toBe('retired')
  expect((await rita.post(`/v1/codes/${ontology}/unlock`, because)).status).toBe(409)
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
