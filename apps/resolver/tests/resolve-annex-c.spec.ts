import { parseStrictJson } from '@arc3088/records'
import { pinAnchor, verifyEvidence } from '@arc3088/trust'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'

import { ANNEX_C, appointProvider, awaitProofs, registerAnnexC } from './annex-c.ts'
import { ask, startProvider, startRoot, type RunningNode, type RunningRoot } from './running-nodes.ts'
import { startTestResolver, type TestResolver } from './running-resolver.ts'

const PATIENCE = { timeout: 60_000 }

const resources = new AsyncDisposableStack()
let root: RunningRoot
let provider: RunningNode
let requesterToken: string
let resolver: TestResolver

beforeAll(async () => {
  root = resources.use(await startRoot())
  provider = resources.use(await startProvider(root))
  await appointProvider(root, provider)
  requesterToken = await registerAnnexC(provider)
  await awaitProofs(root)
  resolver = resources.use(await startTestResolver(root.anchor))
})

afterAll(async () => {
  await resources.disposeAsync()
})

test.each([
  ['as it is', ANNEX_C.instance],
  ['in lower case', ANNEX_C.instance.toLowerCase()],
  ['with the verdict alone', `${ANNEX_C.instance}?detail=verdict`],
  ['that was never assigned', ANNEX_C.instance.replace(/.$/, '9')],
  ['that is none', '1.2.156.3088.1..1'],
])('gives one answer to a code %s, by the express lane and the long way', async (_, asked) => {
  const get = async (headers: Record<string, string>) => {
    const response = await fetch(`${resolver.url}/v1/resolve/${asked}`, { headers })
    const entries = [...response.headers].filter(([name]) => !['date', 'cache-control'].includes(name))
    return { status: response.status, headers: Object.fromEntries(entries), body: await response.text() }
  }
  // Whoever says what it holds is answered by the router. Answers name their second: of one, they are the same.
  await vi.waitFor(async () => {
    expect(await get({})).toEqual(await get({ 'if-none-match': '"something else"' }))
  }, PATIENCE)
})

test('answers the code of annex C valid, with all that stands above it', async () => {
  const answer = await resolver.resolve(ANNEX_C.instance)
  expect(answer).toMatchObject({
    code: ANNEX_C.instance,
    verdict: 'valid',
    level: 'instance',
    segments: { provider: '1', requester: '34C2', ontology: '478BDF', instance: '3GF546' },
    status: 'valid',
    reasons: [],
    notes: [],
    provider: {
      code: ANNEX_C.provider,
      entity_id: provider.url,
      organization: { name: '公司A', name_en: 'Company A', country: 'CN' },
      kind: 'domestic',
      state: 'active',
    },
  })
  expect(answer['records']).toMatchObject(Object.values(ANNEX_C).map((sub) => ({ sub })))
  expect(answer['statuses']).toHaveLength(5)
  expect(answer['valid_until']).toBeGreaterThan(Date.now() / 1000)
})

test('gives lower-case input the same answer, in the canonical spelling', async () => {
  // Where an answer runs out between the two, the second is of another second.
  await vi.waitFor(async () => {
    const canonical = await resolver.resolve(ANNEX_C.instance)
    expect(await resolver.resolve(ANNEX_C.instance.toLowerCase())).toEqual(canonical)
  }, PATIENCE)
})

test.each(Object.entries(ANNEX_C))('resolves level %s', async (level, code) => {
  expect(await resolver.resolve(code)).toMatchObject({ code, level, verdict: 'valid' })
})

test.each([
  ['a provider', '1.2.156.3088.1.ZZ', root0],
  ['an instance of no provider', '1.2.156.3088.1.ZZ.34C2.478BDF.3GF546', root0],
  ['a requester', '1.2.156.3088.1.1.ZZZZ', provider0],
  ['an instance of no requester', '1.2.156.3088.1.1.ZZZZ.478BDF.3GF546', provider0],
  ['an instance', '1.2.156.3088.1.1.34C2.478BDF.ZZZZZZ', provider0],
])('says that %s was never assigned, and who signed that', async (_, code, signer) => {
  const answer = await resolver.resolve(code)
  expect(answer).toMatchObject({ code, verdict: 'not-assigned', reasons: [{ code: 'not-assigned' }] })
  expect(JSON.stringify(answer['reasons'])).toContain(signer())
})

function root0(): string {
  return root.url
}

function provider0(): string {
  return provider.url
}

test('gives evidence that anybody with the pinned key set verifies without a network', async () => {
  const answer = await resolver.resolve(ANNEX_C.instance, '?detail=bundle')
  const anchor = pinAnchor(root.anchorText)
  if ('kind' in anchor) throw new Error(anchor.detail)
  const question = { code: ANNEX_C.instance, bundle: answer['evidence'], anchor }
  const at = Math.floor(Date.now() / 1000)
  expect(await verifyEvidence({ ...question, at })).toMatchObject({ verdict: 'valid' })
  expect(await verifyEvidence({ ...question, at: at + 2 * 86_400 })).toMatchObject({ verdict: 'stale' })
})

test('tells as much as was asked for', async () => {
  const members = async (detail: string) =>
    Object.keys(await resolver.resolve(ANNEX_C.instance, `?detail=${detail}`)).filter((name) =>
      ['records', 'checks', 'evidence'].includes(name),
    )
  expect(await members('verdict')).toEqual([])
  expect(await members('record')).toEqual(['records', 'checks'])
  expect(await members('bundle')).toEqual(['records', 'checks', 'evidence'])
})

test('lets others keep an answer no longer than the shortest ttl it rests on, and a negative not at all', async () => {
  // An answer that is about to run out may be kept for no second any more, and the next is another.
  await vi.waitFor(async () => {
    const good = await resolver.get(`/v1/resolve/${ANNEX_C.instance}`)
    const seconds = Number(/max-age=(\d+)/.exec(good.headers.get('cache-control') ?? '')?.[1])
    expect(seconds).toBeGreaterThan(0)
    expect(seconds).toBeLessThanOrEqual(60)
    const again = await resolver.get(`/v1/resolve/${ANNEX_C.instance}`, {
      'if-none-match': good.headers.get('etag') ?? '',
    })
    expect(again.status).toBe(304)
  }, PATIENCE)
  const negative = await resolver.get('/v1/resolve/1.2.156.3088.1.ZZ')
  expect(negative.headers.get('cache-control')).toBe('no-cache')
})

test('sees a lock as soon as the ttl of the status list allows, and the code above unharmed', async () => {
  const { ontology } = ANNEX_C
  const registered = await ask(`${provider.url}/v1/ontologies/${ontology}/instances`, {
    token: requesterToken,
    body: {},
    headers: { 'idempotency-key': 'lock-me' },
  })
  const code = String(registered['code'])
  await using fresh = await startTestResolver(root.anchor)
  // Five minutes from now nothing is pending any more: the record has to be proved by then.
  await expect.poll(async () => (await fresh.resolve(code))['log']).toBe('proved')
  expect(await fresh.resolve(code)).toMatchObject({ verdict: 'valid' })
  await ask(`${provider.url}/v1/codes/${code}/lock`, { token: requesterToken, body: { reason: 'stolen' } })
  // The node signs the list anew by its own clock, which does not move with ours: whoever asks first sees it then.
  const isLockedToOthers = async () => {
    await using other = await startTestResolver(root.anchor)
    return (await other.resolve(code))['verdict']
  }
  await expect.poll(isLockedToOthers).toBe('suspended')
  fresh.advanceSeconds(301)
  expect(await fresh.resolve(code)).toMatchObject({ verdict: 'suspended', status: 'suspended' })
  expect(await fresh.resolve(ontology)).toMatchObject({ verdict: 'valid' })
})

test('believes nothing of a root that is not the pinned one', async () => {
  await using other = await startRoot()
  await using misled = await startTestResolver(other.anchor, { rootUrl: root.url })
  const answer = await misled.resolve(ANNEX_C.instance)
  expect(answer).toMatchObject({ verdict: 'chain-invalid', records: [], statuses: [], valid_until: null })
  expect((await misled.get('/readyz')).status).toBe(503)
})

test('refuses what is no code, naming the rule and the place', async () => {
  const response = await resolver.get('/v1/resolve/1.2.156.3088.1.01.34C2.478BDF.3GF546')
  expect(response.status).toBe(400)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(parseStrictJson(await response.text())).toMatchObject({
    code: 'code-malformed',
    reason: 'leading-zero',
    segment: 'provider',
    offset: 15,
    clause: expect.stringMatching(/^5\./),
  })
})

test.each([
  ['1.2.156.3088.2.1.34C2.478BDF.3GF546', 'unsupported-version'],
  ['1.2.702.9999.1.1.34C2.478BDF.3GF546', 'not-recognised'],
])('answers %s, which is well formed, with the verdict %s', async (code, verdict) => {
  expect(await resolver.resolve(code)).toMatchObject({ verdict })
})

test('answers a batch in its order, malformed codes in their places', async () => {
  const codes = [ANNEX_C.instance.toLowerCase(), 'nonsense', '1.2.156.3088.1.ZZ', ANNEX_C.provider]
  const verdicts = ['valid', 'malformed', 'not-assigned', 'valid']
  const inArray = async (): Promise<unknown> =>
    await (await resolver.post(JSON.stringify(codes), 'application/json')).json()
  const answers = await inArray()
  expect(answers).toMatchObject(verdicts.map((verdict) => ({ verdict })))
  expect(answers).toMatchObject([{ code: ANNEX_C.instance }, { malformation: { segment: 'prefix' } }, {}, {}])
  const lines = codes.map((code) => JSON.stringify({ code }))
  const inLines = async () => {
    const stream = await resolver.post(`${lines.join('\n')}\n`, 'application/x-ndjson')
    expect(stream.headers.get('content-type')).toBe('application/x-ndjson')
    const text = await stream.text()
    return text
      .trimEnd()
      .split('\n')
      .map((line) => parseStrictJson(line))
  }
  await vi.waitFor(async () => expect(await inLines()).toEqual(await inArray()), PATIENCE)
})

test('answers a thousand codes at once, and refuses one more', async () => {
  const codes = Array.from({ length: 1000 }, () => ANNEX_C.instance)
  const response = await resolver.post(JSON.stringify(codes), 'application/json')
  const answers = parseStrictJson(await response.text(), { lengthMax: 10_000_000 })
  expect(answers).toHaveLength(1000)
  const lines = [...codes, ANNEX_C.instance].map((code) => JSON.stringify(code)).join('\n')
  expect((await resolver.post(lines, 'application/x-ndjson')).status).toBe(400)
  const array = JSON.stringify([...codes, ANNEX_C.instance])
  expect((await resolver.post(array, 'application/json')).status).toBe(400)
})

test.each([
  ['no list', 'application/json', '{"codes":[]}', 400],
  ['numbers', 'application/json', '[1]', 400],
  ['text', 'application/json', 'x', 400],
  ['a bare line', 'application/x-ndjson', ANNEX_C.instance, 400],
  ['a form', 'application/x-www-form-urlencoded', 'code=1', 415],
])('refuses a batch of %s', async (_, mediaType, body, status) => {
  expect((await resolver.post(body, mediaType)).status).toBe(status)
})

test('answers an empty batch with an empty one', async () => {
  expect(await (await resolver.post('[]', 'application/json')).text()).toBe('[]')
  expect(await (await resolver.post('', 'application/x-ndjson')).text()).toBe('')
})

test('diagnoses a text with both its readings', async () => {
  const response = await resolver.get('/v1/diagnose?code=1.2.156.3088.1.1.CIQJUQ.HELDGD.1.03TO')
  const diagnosis: unknown = await response.json()
  expect(diagnosis).toMatchObject({ dialect: 'ambiguous', ambiguous: true })
  expect(diagnosis).toHaveProperty('readings.length', 2)
})

test('refuses parameters that it does not know', async () => {
  expect((await resolver.get(`/v1/resolve/${ANNEX_C.instance}?at=2026-01-01`)).status).toBe(400)
  expect((await resolver.get(`/v1/resolve/${ANNEX_C.instance}?detail=all`)).status).toBe(400)
})

test('is alive, ready, and says what it is and allows', async () => {
  expect((await resolver.get('/livez')).status).toBe(200)
  expect((await resolver.get('/readyz')).status).toBe(200)
  expect(await (await resolver.get('/v1/limits')).json()).toMatchObject({ batch_codes: 1000 })
  const contract = z.object({ paths: z.record(z.string(), z.unknown()) })
  const { paths } = contract.parse(await (await resolver.get('/openapi.json')).json())
  expect(Object.keys(paths).toSorted()).toEqual([
    '/v1/diagnose',
    '/v1/limits',
    '/v1/recognition',
    '/v1/resolve',
    '/v1/resolve/{code}',
  ])
})
