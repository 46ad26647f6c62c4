import { readEntityConfiguration, verifyEntityConfiguration } from '@arc3088/records'
import { waitFor, createTestKeys, signFirstKeySet } from '@arc3088/testkit'
import { pinAnchor, verifyEvidence, type Assessment } from '@arc3088/trust'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { approvedOntology, INSTITUTE_B, verifiedRequester } from './requester-acts.ts'
import { startRootProcess, type RootProcess } from './start-root-process.ts'
import { startTestProvider, type TestProvider } from './start-test-provider.ts'
import { textOf } from './answers.ts'

const DAY_MILLISECONDS = 86_400_000

let root: RootProcess
let provider: TestProvider
let clockOffset = 0

beforeAll(async () => {
  root = await startRootProcess()
  provider = await startTestProvider(root, { now: () => new Date(Date.now() + clockOffset) })
})
afterAll(async () => {
  await provider[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

async function judge(code: string): Promise<Assessment> {
  const anchor = pinAnchor(root.anchorText)
  if ('kind' in anchor) throw new Error(anchor.detail)
  const { body } = await provider.anyone.get(`/v1/codes/${code}`)
  return await verifyEvidence({ code, bundle: body, anchor, at: Math.floor(Date.now() / 1000) })
}

const verdictOf = async (code: string): Promise<string> => (await judge(code)).verdict

test('without a code it lives, says who it is, and takes applications, but is not ready and assigns nothing', async () => {
  expect((await provider.anyone.get('/livez')).status).toBe(200)
  const ready = await provider.anyone.get('/readyz')
  expect(ready.status).toBe(503)
  expect(ready.text).toContain('awaiting-assignment')
  const awaiting = { status: 503, body: { code: 'awaiting-assignment' } }
  expect(await provider.anyone.get('/v1/codes/1.2.156.3088.1.1.34C2')).toMatchObject(awaiting)
  const receipt = await provider.anyone.post('/v1/requesters', INSTITUTE_B)
  expect(receipt.status).toBe(201)
  const path = `/v1/desk/requesters/${textOf(receipt, 'id')}/verify`
  expect(await provider.operator('rita').post(path, { reason: 'early' })).toMatchObject(awaiting)
})

test('publishes its own keys below the root as a leaf: no fetch, no list', async () => {
  const { text } = await provider.anyone.get('/.well-known/openid-federation')
  const read = readEntityConfiguration(text)
  if (read.kind === 'rejected') throw new Error(read.detail)
  expect(read.claims).toMatchObject({ iss: provider.url, authority_hints: [root.url] })
  expect(read.claims.metadata.federation_entity).toMatchObject({ organization_name: 'Company A' })
  expect(read.claims.metadata.federation_entity).not.toHaveProperty('federation_fetch_endpoint')
  expect((await verifyEntityConfiguration(text, read.claims.jwks.keys)).kind).toBe('verified')
  expect((await provider.anyone.get('/federation/fetch?sub=https://x.example')).status).toBe(404)
  expect((await provider.anyone.get('/federation/list')).status).toBe(404)
})

test('learns its code by itself once two officers have decided', async () => {
  await provider.appoint('7')
  expect((await verifiedRequester(provider)).code).toMatch(/^1\.2\.156\.3088\.1\.7\./)
})

test('starts again and goes on while the root is down, and its evidence is still good', async () => {
  const requester = await verifiedRequester(provider)
  const before = await approvedOntology(provider, requester)
  const isProved = async () => {
    const { log, verdict } = await judge(before)
    return log === 'proved' && verdict === 'valid'
  }
  await waitFor(isProved, { what: 'the proofs from both logs' })
  await root.stop()
  await provider.restart()
  expect((await provider.anyone.get('/readyz')).status).toBe(200)
  expect(await isProved()).toBe(true)
  // Nobody witnesses the log now: for a minute the provider's word stands in for the proof (W8).
  const ontology = await approvedOntology(provider, requester)
  expect(await judge(ontology)).toMatchObject({ verdict: 'valid', log: 'pending' })
})

test("assigns nothing more when the root's statement has expired, and goes on answering for its codes", async () => {
  const requester = await verifiedRequester(provider)
  const ontology = await approvedOntology(provider, requester)
  const path = `/v1/ontologies/${ontology}/instances`
  const key = { 'idempotency-key': 'before-the-lapse' }
  const first = await requester.post(path, {}, key)
  clockOffset = 8 * DAY_MILLISECONDS
  const lapsed = { status: 503, body: { code: 'appointment-lapsed' } }
  expect(await requester.post(path, {})).toMatchObject(lapsed)
  const again = await requester.post(path, {}, key)
  expect([first.status, again.status, again.text]).toEqual([201, 201, first.text])
  await provider.restart()
  expect((await requester.post(path, {}, key)).text).toBe(first.text)
  expect((await requester.post(path, { serial: '5' }, key)).status).toBe(422)
  const application = textOf(await provider.anyone.post('/v1/requesters', INSTITUTE_B), 'id')
  const verify = `/v1/desk/requesters/${application}/verify`
  expect(await provider.operator('rita').post(verify, { reason: 'too late' })).toMatchObject(lapsed)
  expect((await provider.anyone.get(`/v1/codes/${ontology}`)).status).toBe(200)
  clockOffset = 0
  expect((await requester.post(`/v1/ontologies/${ontology}/instances`, {})).status).toBe(201)
})

test('learns by itself that the root suspends it: it assigns nothing, and tells so of every code below', async () => {
  const requester = await verifiedRequester(provider)
  const ontology = await approvedOntology(provider, requester)
  const register = () => requester.post(`/v1/ontologies/${ontology}/instances`, {})
  await root.start()
  // The root's status may be kept for 60 seconds; by this clock a new one is due after three.
  clockOffset = 57_000
  await provider.restart()
  expect((await register()).status).toBe(201)

  await root.act('provider:suspend', { provider: '7' })
  await waitFor(async () => (await register()).status === 503, { what: 'the suspension' })
  expect((await register()).body['code']).toBe('provider-suspended')
  expect(await verdictOf(ontology)).toBe('provider-suspended')
  // It goes on serving all the same, and goes on being suspended while nobody can say otherwise.
  await root.stop()
  await provider.restart()
  expect((await register()).body['code']).toBe('provider-suspended')
  expect((await provider.anyone.get(`/v1/codes/${ontology}`)).status).toBe(200)
  await root.start()

  await root.act('provider:resume', { provider: '7' })
  await waitFor(async () => (await register()).status === 201, { what: 'the end of the suspension' })
  clockOffset = 0
})

test('learns by itself that it is retired: it serves what it assigned, assigns nothing and leaves every code as it is', async () => {
  await using leaving = await startTestProvider(root, { now: () => new Date(Date.now() + 57_000) })
  await leaving.appoint('9')
  const requester = await verifiedRequester(leaving)
  const ontology = await approvedOntology(leaving, requester)
  const register = () => requester.post(`/v1/ontologies/${ontology}/instances`, {})
  expect((await register()).status).toBe(201)
  await root.act('provider:retire', { provider: '9' })
  await waitFor(async () => (await register()).status === 409, { what: 'the retirement' })
  expect((await register()).body['code']).toBe('provider-retired')
  const rita = leaving.operator('rita')
  for (const act of ['lock', 'unlock', 'retire']) {
    const path = `/v1/codes/${ontology}/${act}`
    for (const who of [requester, rita])
      expect(await who.post(path, { reason: 'as asked' })).toMatchObject({
        status: 409,
        body: { code: 'provider-retired' },
      })
  }
  await leaving.restart()
  expect((await register()).body['code']).toBe('provider-retired')
  expect((await leaving.anyone.get(`/v1/codes/${ontology}`)).status).toBe(200)
})

test('believes no root but the one that it pinned', async () => {
  const strangers = await createTestKeys(['root', 'federation'])
  const sets = await signFirstKeySet(
    root.url,
    { root: strangers.signer('root'), federation: strangers.signer('federation') },
    Math.floor(Date.now() / 1000) - 60,
  )
  const anchorText = JSON.stringify((JSON.parse(sets) as unknown[])[0])
  await using deceived = await startTestProvider({ ...root, anchorText })
  await deceived.applyAndBeAssigned('8')
  await waitFor(() => deceived.logged.join('\n').includes('does not verify'), { what: 'the refusal' })
  expect((await deceived.anyone.get('/readyz')).status).toBe(503)
  expect((await deceived.anyone.get('/v1/codes/1.2.156.3088.1.8.1')).body['code']).toBe('awaiting-assignment')
  strangers[Symbol.dispose]()
})
