import { afterAll, beforeAll, expect, test } from 'vitest'

import { textOf } from './answers.ts'
import { DESCRIPTION, ontologyUnderReview, verifiedRequester, type TestRequester } from './requester-acts.ts'
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

const CHANGED = { description: { ...DESCRIPTION, version: '1.0.1' } }

test('refuses to overwrite a draft unseen, or one that changed since it was seen', async () => {
  const draft = await requester.post('/v1/ontologies', { description: DESCRIPTION })
  const path = `/v1/ontologies/${textOf(draft, 'id')}`
  const etag = draft.headers.get('etag') ?? ''
  expect(await requester.put(path, CHANGED)).toMatchObject({
    status: 428,
    body: { code: 'precondition-required' },
  })
  const edited = await requester.put(path, CHANGED, { 'if-match': etag })
  expect(edited).toMatchObject({ status: 200, body: { description: { version: '1.0.1' } } })
  expect(await requester.put(path, CHANGED, { 'if-match': etag })).toMatchObject({
    status: 412,
    body: { code: 'precondition-failed' },
  })
  expect((await requester.get(path)).headers.get('etag')).toBe(edited.headers.get('etag'))
})

test('shows a draft to nobody but its requester until it is handed in', async () => {
  const id = textOf(await requester.post('/v1/ontologies', { description: DESCRIPTION }), 'id')
  const rita = provider.operator('rita')
  expect((await rita.get('/v1/desk/ontologies')).text).not.toContain(id)
  expect((await rita.post(`/v1/desk/ontologies/${id}/take`)).status).toBe(409)
  await requester.post(`/v1/ontologies/${id}/submit`)
  expect((await rita.get('/v1/desk/ontologies?review=submitted')).text).toContain(id)
})

test('comes back with a reason, is mended, handed in again and approved; every step stands with its actor', async () => {
  const rita = provider.operator('rita')
  const id = await ontologyUnderReview(provider, requester)
  const path = `/v1/ontologies/${id}`
  const returned = await rita.post(`/v1/desk/ontologies/${id}/return`, { reason: 'say what it may order' })
  expect(returned.body['review']).toBe('returned')
  const etag = (await requester.get(path)).headers.get('etag') ?? ''
  expect((await requester.put(path, CHANGED, { 'if-match': etag })).body['review']).toBe('draft')
  expect((await requester.post(`${path}/submit`)).body['review']).toBe('submitted')
  await rita.post(`/v1/desk/ontologies/${id}/take`)
  expect((await rita.post(`/v1/desk/ontologies/${id}/approve`, { reason: 'now clear' })).status).toBe(201)
  const steps = await provider.database.db
    .selectFrom('ontology_transition')
    .select(['act', 'from_state', 'to_state', 'reason'])
    .where('ontology_id', '=', id)
    .orderBy('id')
    .execute()
  expect(steps.map(({ act, from_state, to_state }) => `${act}: ${from_state} > ${to_state}`)).toEqual([
    'submit: draft > submitted',
    'take: submitted > under-review',
    'return: under-review > returned',
    'edit: returned > draft',
    'submit: draft > submitted',
    'take: submitted > under-review',
    'approve: under-review > approved',
  ])
  expect(steps.flatMap(({ reason }) => reason ?? [])).toEqual(['say what it may order', 'now clear'])
  const audit = await provider.operator('audit').get(`/v1/desk/audit?object=ontology:${id}`)
  expect(audit.body['items']).toHaveLength(8)
})

test('tells its requester why it came back, each time anew and only while it stands so', async () => {
  const rita = provider.operator('rita')
  const id = await ontologyUnderReview(provider, requester)
  const path = `/v1/ontologies/${id}`
  const reasonRead = async () => (await requester.get(path)).body['review_reason']
  const sendBack = (act: string, reason: string) => rita.post(`/v1/desk/ontologies/${id}/${act}`, { reason })
  expect(await reasonRead()).toBeNull()
  expect((await sendBack('return', 'say what it may order')).body['review_reason']).toBe(
    'say what it may order',
  )
  expect(await reasonRead()).toBe('say what it may order')
  // Said again, it changes nothing; the reason is the one that was given.
  expect((await sendBack('return', 'other words')).body['review_reason']).toBe('say what it may order')
  expect((await requester.get('/v1/ontologies?review=returned')).body['items']).toContainEqual(
    expect.objectContaining({ id, review_reason: 'say what it may order' }),
  )
  expect((await requester.post(`${path}/submit`)).body['review_reason']).toBeNull()
  expect(await reasonRead()).toBeNull()
  await rita.post(`/v1/desk/ontologies/${id}/take`)
  await sendBack('return', 'and from whom')
  expect(await reasonRead()).toBe('and from whom')
  await requester.post(`${path}/submit`)
  await rita.post(`/v1/desk/ontologies/${id}/take`)
  await sendBack('reject', 'not an agent')
  expect(await reasonRead()).toBe('not an agent')
  expect((await rita.get('/v1/desk/ontologies?review=rejected')).body['items']).toContainEqual(
    expect.objectContaining({ id, review_reason: 'not an agent' }),
  )
})

test('lets no one change what is under review, nor take what a colleague has taken', async () => {
  const id = await ontologyUnderReview(provider, requester)
  const etag = (await requester.get(`/v1/ontologies/${id}`)).headers.get('etag') ?? ''
  const state = { status: 409, body: { code: 'ontology-state' } }
  expect(await requester.put(`/v1/ontologies/${id}`, CHANGED, { 'if-match': etag })).toMatchObject(state)
  expect(await provider.operator('rolf').post(`/v1/desk/ontologies/${id}/take`)).toMatchObject(state)
  expect((await provider.operator('rita').post(`/v1/desk/ontologies/${id}/take`)).status).toBe(200)
})

test('rejects for good', async () => {
  const rita = provider.operator('rita')
  const id = await ontologyUnderReview(provider, requester)
  const reject = () => rita.post(`/v1/desk/ontologies/${id}/reject`, { reason: 'not an agent' })
  expect((await reject()).body['review']).toBe('rejected')
  expect((await reject()).status).toBe(200)
  const after = await Promise.all([
    requester.post(`/v1/ontologies/${id}/submit`),
    rita.post(`/v1/desk/ontologies/${id}/take`),
    rita.post(`/v1/desk/ontologies/${id}/approve`, { reason: 'after all' }),
    rita.post(`/v1/desk/ontologies/${id}/return`, { reason: 'after all' }),
  ])
  expect(after.map(({ status, body }) => `${status} ${String(body['code'])}`)).toEqual(
    Array.from({ length: 4 }, () => '409 ontology-state'),
  )
})

test('lets no requester have more than 100 open, however many drafts it sends at once', async () => {
  const other = await verifiedRequester(provider)
  const drafts = await Promise.all(
    Array.from({ length: 105 }, () => other.post('/v1/ontologies', { description: DESCRIPTION })),
  )
  const refused = drafts.filter(({ status }) => status !== 201)
  expect(refused.map(({ status, body }) => `${status} ${String(body['code'])}`)).toEqual(
    Array.from({ length: 5 }, () => '409 drafts-too-many'),
  )
  const { items } = (await other.get('/v1/ontologies?limit=1')).body as { items: { id: string }[] }
  const id = items[0]?.id ?? ''
  await other.post(`/v1/ontologies/${id}/submit`)
  await provider.operator('rita').post(`/v1/desk/ontologies/${id}/take`)
  expect((await other.post('/v1/ontologies', { description: DESCRIPTION })).status).toBe(409)
  await provider.operator('rita').post(`/v1/desk/ontologies/${id}/reject`, { reason: 'not an agent' })
  expect((await other.post('/v1/ontologies', { description: DESCRIPTION })).status).toBe(201)
  expect((await requester.post('/v1/ontologies', { description: DESCRIPTION })).status).toBe(201)
})

test('gives no page of more than 50, to a requester or to the desk', async () => {
  for (const list of [
    (limit: string) => requester.get(`/v1/ontologies${limit}`),
    (limit: string) => provider.operator('rita').get(`/v1/desk/ontologies${limit}`),
  ]) {
    expect((await list('?limit=50')).status).toBe(200)
    expect(await list('?limit=51')).toMatchObject({ status: 400, body: { code: 'request-invalid' } })
  }
})

test('gives pages that together hold everything once', async () => {
  const other = await verifiedRequester(provider)
  for (let nth = 0; nth < 5; nth++) await other.post('/v1/ontologies', { description: DESCRIPTION })
  const seen: string[] = []
  let before = ''
  for (let page = 0; page < 5; page++) {
    const { body } = await other.get(`/v1/ontologies?limit=2${before === '' ? '' : `&before=${before}`}`)
    seen.push(...(body['items'] as { id: string }[]).map(({ id }) => id))
    if (typeof body['next'] !== 'string') break
    before = body['next']
  }
  expect(seen).toHaveLength(5)
  expect(seen).toEqual(seen.toSorted().toReversed())
})
