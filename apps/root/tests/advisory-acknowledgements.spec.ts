import { readAdvisory, recordHash } from '@arc3088/records'
import { v7 } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { readSigned, uuidOf, WARNING } from './authority-lists.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { createApplicant, makeProvider, newSigner, readJson, type TestApplicant } from './test-applicant.ts'

let root: TestRoot
let [a, b, stranger]: TestApplicant[] = []
const crash = { at: '' }
beforeAll(async () => {
  root = await startTestRoot({
    reached: (step) => {
      if (step !== crash.at) return
      crash.at = ''
      throw new Error(`cut at ${step}`)
    },
  })
  ;[a, b, stranger] = await Promise.all([createApplicant(root), createApplicant(root), createApplicant(root)])
  await makeProvider(root, demand(a), 'A')
  await makeProvider(root, demand(b), 'B')
})
afterAll(async () => {
  for (const each of [a, b, stranger]) await each?.[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

function demand(applicant: TestApplicant | undefined): TestApplicant {
  if (applicant === undefined) throw new Error('the applicants are not there')
  return applicant
}

interface Published {
  readonly uuid: string
  readonly path: string
  readonly body: { readonly version: number; readonly hash: string }
}

async function publish(affected: readonly string[], change: object = {}): Promise<Published> {
  const outcome = await root.act('advisory:publish', { ...WARNING, affected, ...change })
  return await newest(uuidOf(outcome['advisory']))
}

async function newest(uuid: string): Promise<Published> {
  const jws = await readSigned(root, `/v1/advisories/${uuid}`)
  const read = readAdvisory(jws)
  if (read.kind === 'rejected') throw new Error(read.detail)
  const body = { version: read.claims.version, hash: await recordHash(jws) }
  return { uuid, path: `/v1/advisories/${uuid}/acknowledgements`, body }
}

const standing = async (uuid: string) =>
  await readJson(await root.officer('clerk').get(`/v1/desk/advisories/${uuid}`))

test('the desk sees who has acknowledged, who has not, and since when', async () => {
  const { uuid, path, body } = await publish(['1.2.156.3088.1.A.5.1.0', '1.2.156.3088.1.B'])
  expect(await standing(uuid)).toMatchObject({
    version: 1,
    providers: [
      { code: 'A', code_prefix: '1.2.156.3088.1.A', entity_id: demand(a).entityId, state: 'outstanding' },
      { code: 'B', state: 'outstanding' },
    ],
  })
  const response = await demand(b).send(path, body)
  expect(response.status).toBe(201)
  const answer = await readJson(response)
  expect(answer).toMatchObject({ advisory: `urn:uuid:${uuid}`, version: 1, provider: 'B' })
  expect(await standing(uuid)).toMatchObject({
    providers: [
      { code: 'A', state: 'outstanding' },
      { code: 'B', state: 'acknowledged', since: answer['acknowledged_at'] },
    ],
  })
  const list = await readJson(await root.officer('auditor').get('/v1/desk/advisories'))
  expect(list).toMatchObject({
    items: [{ id: `urn:uuid:${uuid}`, concerned: 2, acknowledged: 1, outstanding: 1 }],
  })
})

test('an acknowledgement that is sent again is answered as the first time, whatever its id', async () => {
  const { path, body } = await publish(['1.2.156.3088.1.A'])
  const requestId = v7()
  const first = await demand(a).send(path, body, { requestId })
  const again = await demand(a).send(path, body, { requestId })
  const other = await demand(a).send(path, body)
  expect([first.status, again.status, other.status]).toEqual([201, 200, 200])
  const text = await first.text()
  expect([await again.text(), await other.text()]).toEqual([text, text])
})

test('one id stands for one acknowledgement', async () => {
  const [one, two] = [await publish(['1.2.156.3088.1.A']), await publish(['1.2.156.3088.1.A'])]
  const requestId = v7()
  await demand(a).send(one.path, one.body, { requestId })
  const response = await demand(a).send(two.path, two.body, { requestId })
  expect([response.status, (await readJson(response))['code']]).toEqual([422, 'idempotency-key-reused'])
})

test('many at once are one', async () => {
  const { path, body, uuid } = await publish(['1.2.156.3088.1.A'])
  const responses = await Promise.all(Array.from({ length: 6 }, () => demand(a).send(path, body)))
  expect(responses.map(({ status }) => status).toSorted((x, y) => x - y)).toEqual([
    200, 200, 200, 200, 200, 201,
  ])
  const texts = new Set(await Promise.all(responses.map(async (response) => await response.text())))
  expect(texts.size).toBe(1)
  const rows = await root.database.db
    .selectFrom('advisory_acknowledgement')
    .select('provider')
    .where('advisory', '=', uuid)
    .execute()
  expect(rows).toHaveLength(1)
})

test('a provider that is not concerned is refused, and so is who is none, or signs with another key', async () => {
  const { path, body } = await publish(['1.2.156.3088.1.A'])
  const refusals = [
    [await demand(b).send(path, body), 403, 'advisory-not-affected'],
    [await demand(stranger).send(path, body), 404, 'entity-unknown'],
    [await demand(a).send(path, body, { signer: await newSigner() }), 401, 'request-signature-invalid'],
    [
      await demand(a).send(path, body, { claims: { path: '/v1/advisories/x' } }),
      401,
      'request-signature-invalid',
    ],
    [await demand(a).send(path, { ...body, colour: 'red' }), 400, 'request-invalid'],
    [await demand(a).send(path, { version: 1 }), 400, 'request-invalid'],
    [await demand(a).send(`/v1/advisories/${v7()}/acknowledgements`, body), 404, 'advisory-not-found'],
  ] as const
  for (const [response, status, code] of refusals)
    expect([response.status, (await readJson(response))['code']]).toEqual([status, code])
})

test('a new version is acknowledged anew, and an old one no more', async () => {
  const first = await publish(['1.2.156.3088.1.A'])
  await demand(a).send(first.path, first.body)
  await root.act('advisory:revise', {
    advisory: first.uuid,
    ...WARNING,
    affected: ['1.2.156.3088.1.A', '1.2.156.3088.1.B'],
  })
  const old = await demand(b).send(first.path, first.body)
  expect(await readJson(old)).toMatchObject({ status: 409, code: 'advisory-changed', version: 2 })
  expect(await standing(first.uuid)).toMatchObject({
    version: 2,
    providers: [{ state: 'outstanding' }, { state: 'outstanding' }],
  })
  const second = await newest(first.uuid)
  expect((await demand(a).send(second.path, second.body)).status).toBe(201)
  // What was acknowledged once is answered for ever.
  expect((await demand(a).send(first.path, first.body)).status).toBe(200)
})

test('what is withdrawn is acknowledged no more, but a retry is still answered', async () => {
  const { uuid, path, body } = await publish(['1.2.156.3088.1.A', '1.2.156.3088.1.B'])
  await demand(a).send(path, body)
  await root.act('advisory:withdraw', { advisory: uuid })
  const late = await demand(b).send(path, (await newest(uuid)).body)
  expect([late.status, (await readJson(late))['code']]).toEqual([409, 'advisory-state'])
  expect((await demand(a).send(path, body)).status).toBe(200)
})

test.each([
  ['advisory:acknowledged', false, 201],
  ['advisory:acknowledgement-committed', true, 200],
])(
  'an acknowledgement that is cut at %s is there: %s; and again it is answered %i',
  async (step, isThere, status) => {
    const { uuid, path, body } = await publish(['1.2.156.3088.1.A'])
    const requestId = v7()
    crash.at = step
    expect((await demand(a).send(path, body, { requestId })).status).toBe(500)
    const state = isThere ? 'acknowledged' : 'outstanding'
    expect(await standing(uuid)).toMatchObject({ providers: [{ state }] })
    expect((await demand(a).send(path, body, { requestId })).status).toBe(status)
  },
)

test('an advisory that is cut while it is issued is not there, and the same approval issues it', async () => {
  const proposal = await root.propose('advisory:publish', { ...WARNING, affected: ['1.2.156.3088.1.A'] })
  const uuid = uuidOf(proposal.payload['advisory'])
  crash.at = 'advisory:issued'
  expect((await root.approve(proposal)).status).toBe(500)
  expect((await root.get(`/v1/advisories/${uuid}`)).status).toBe(404)
  expect((await root.approve(proposal)).status).toBe(201)
  expect((await root.get(`/v1/advisories/${uuid}`)).status).toBe(200)
})

test('the desk’s view is the desk’s alone', async () => {
  expect((await root.get('/v1/desk/advisories')).status).toBe(401)
  expect((await root.officer('administrator').get('/v1/desk/advisories')).status).toBe(403)
  expect((await root.officer('clerk').get(`/v1/desk/advisories/${v7()}`)).status).toBe(404)
})
