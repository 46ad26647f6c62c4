import { request as httpRequest } from 'node:http'

import { BODY_BYTES_MAX, createRoutes, guard, PUBLIC } from '@arc3088/service'
import { createRoute, z } from '@hono/zod-openapi'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { readJson, startTestService, type TestService } from './start-test-service.ts'

const Note = z.strictObject({ text: z.string().default('nothing'), deep: z.unknown().optional() })
const answer = { 200: { description: 'Noted', content: { 'application/json': { schema: z.unknown() } } } }
const noteBody = { required: true, content: { 'application/json': { schema: Note } } } as const
const eitherBody = {
  required: true,
  content: { 'application/json': { schema: Note }, 'application/x-ndjson': { schema: z.string() } },
} as const

const noteRoute = createRoute({
  method: 'post',
  path: '/notes',
  ...PUBLIC,
  request: { body: noteBody },
  responses: answer,
})
const guardedRoute = createRoute({
  method: 'post',
  path: '/guarded',
  ...guard('note:write'),
  request: { body: noteBody },
  responses: answer,
})
const eitherRoute = createRoute({
  method: 'post',
  path: '/either',
  ...PUBLIC,
  request: { body: eitherBody },
  responses: answer,
})
const signedRoute = createRoute({ method: 'post', path: '/signed', ...PUBLIC, responses: answer })

let service: TestService
beforeAll(async () => {
  const routes = createRoutes()
    .openapi(noteRoute, (c) => c.json(c.req.valid('json'), 200))
    .openapi(guardedRoute, (c) => c.json(c.req.valid('json'), 200))
    .openapi(eitherRoute, async (c) =>
      c.req.header('content-type') === 'application/x-ndjson'
        ? c.json({ lines: (await c.req.text()).split('\n').length }, 200)
        : c.json(c.req.valid('json'), 200),
    )
    .openapi(signedRoute, async (c) => c.json({ jws: await c.req.text() }, 200))
  service = await startTestService((app) => app.route('/', routes), {
    permissions: { 'note:write': ['officer'] },
    bodyBytesMax: (path) => (path === '/signed' ? 10 : BODY_BYTES_MAX),
  })
})
afterAll(() => service[Symbol.asyncDispose]())

const JSON_TYPE = { 'content-type': 'application/json' }
const post = (
  body: NonNullable<RequestInit['body']> | null,
  headers: Record<string, string> = JSON_TYPE,
  path = '/notes',
) => service.request(path, { method: 'POST', headers, body })

describe('a JSON body', () => {
  test('is validated and handed on', async () => {
    const response = await post('{"text":"文"}')
    expect([response.status, await response.json()]).toEqual([200, { text: '文' }])
  })

  test.each(['application/json; charset=utf-8', 'Application/JSON', 'application/json;x=y'])(
    'may be announced as %s',
    async (type) => {
      expect((await post('{}', { 'content-type': type })).status).toBe(200)
    },
  )

  test.each([
    ['a member that stands twice', '{"text":"a","text":"b"}', 'json-duplicate-member'],
    [
      'one that stands twice in two spellings',
      String.raw`{"text":"a","te\u0078t":"b"}`,
      'json-duplicate-member',
    ],
    ['one that stands twice, deep below', '{"deep":[{"a":{"b":1,"b":2}}]}', 'json-duplicate-member'],
    ['too many levels', `{"deep":${'['.repeat(40)}${']'.repeat(40)}}`, 'json-too-deep'],
    ['data after it', '{"text":"a"}{"text":"b"}', 'json-invalid'],
    ['a prototype', '{"__proto__":{"text":"a"}}', 'json-invalid'],
    ['no JSON', '{text:1}', 'json-invalid'],
    ['nothing', '', 'json-invalid'],
    ['a byte order mark', '\uFEFF{}', 'json-invalid'],
    ['bytes that are not UTF-8', new Uint8Array([0x22, 0xc3, 0x28, 0x22]), 'json-invalid'],
  ])('with %s is refused, and the fault named', async (_, body, fault) => {
    const response = await post(body)
    const problem = await readJson(response)
    expect([response.status, problem['code'], problem['fault']]).toEqual([400, 'request-invalid', fault])
    expect(problem['detail']).toMatch(/^body: ./)
  })

  test('with a fault that only its schema sees has its field named', async () => {
    const problem = await readJson(await post('{"text":1,"colour":"blue"}'))
    expect(problem).toMatchObject({
      status: 400,
      code: 'request-invalid',
      errors: [
        { in: 'json', field: 'text' },
        { in: 'json', field: '' },
      ],
    })
  })

  test.each([
    ['no type', {}],
    ['another type', { 'content-type': 'text/plain' }],
    ['a relative of JSON', { 'content-type': 'application/merge-patch+json' }],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['two types', { 'content-type': 'application/json, text/plain' }],
  ])('with %s is refused with 415', async (_, headers: Record<string, string>) => {
    const response = await post(new TextEncoder().encode('{"text":"a"}'), headers)
    const problem = await readJson(response)
    expect([response.status, problem['code']]).toEqual([415, 'media-type-unsupported'])
    expect(problem['declared']).toEqual(['application/json'])
  })

  test('that is not there is never taken for an empty object', async () => {
    const response = await post(null, {})
    const problem = await readJson(response)
    expect([response.status, problem['code'], problem['detail']]).toEqual([
      400,
      'request-invalid',
      'body: is missing',
    ])
  })

  test('is not looked at before it is known who asks', async () => {
    const refused = await post('{"text":"a","text":"b"}', JSON_TYPE, '/guarded')
    expect((await readJson(refused))['code']).toBe('unauthenticated')
    const known = await post(
      '{"text":"a","text":"b"}',
      { ...JSON_TYPE, authorization: 'Bearer officer' },
      '/guarded',
    )
    expect((await readJson(known))['fault']).toBe('json-duplicate-member')
  })

  test('must be required where it is declared: else the schema would not be asked', () => {
    const loose = createRoute({
      method: 'post',
      path: '/loose',
      request: { body: { content: { 'application/json': { schema: Note } } } },
      responses: answer,
    })
    expect(() => createRoutes().openapi(loose, (c) => c.json({}, 200))).toThrow('say `required: true`')
  })
})

describe('a body of another kind', () => {
  test('is left alone where it is declared', async () => {
    const response = await post('{"a":1,"a":1}\n{}', { 'content-type': 'application/x-ndjson' }, '/either')
    expect(await response.json()).toEqual({ lines: 2 })
    expect(await (await post('{"text":"a"}', JSON_TYPE, '/either')).json()).toEqual({ text: 'a' })
    expect((await post('x', { 'content-type': 'text/plain' }, '/either')).status).toBe(415)
  })

  test('is left to a route that declares none', async () => {
    const response = await post('a.b.c', { 'content-type': 'application/agent-code-request+jwt' }, '/signed')
    expect(await response.json()).toEqual({ jws: 'a.b.c' })
  })
})

describe('a body that is too large', () => {
  const large = `{"text":"${'x'.repeat(BODY_BYTES_MAX)}"}`
  const exact = (bytes: number) => `{"text":"${'x'.repeat(bytes - 11)}"}`

  test('is refused by its announced length', async () => {
    const response = await post(large)
    const problem = await readJson(response)
    expect([response.status, problem['code']]).toEqual([413, 'body-too-large'])
    expect(response.headers.get('connection')).toBe('close')
  })

  test('may be exactly as large as is allowed, announced or not', async () => {
    expect((await post(exact(BODY_BYTES_MAX))).status).toBe(200)
    expect((await post(exact(BODY_BYTES_MAX + 1))).status).toBe(413)
    expect(await sendChunked('/notes', [exact(BODY_BYTES_MAX)])).toMatchObject({ status: 200 })
    expect(await sendChunked('/notes', [exact(BODY_BYTES_MAX + 1)])).toMatchObject({ status: 413 })
  })

  test('is refused as it arrives in chunks', async () => {
    const { status, body } = await sendChunked('/notes', [large.slice(0, 1000), large.slice(1000)])
    expect([status, JSON.parse(body)]).toEqual([413, expect.objectContaining({ code: 'body-too-large' })])
  })

  test('has a bound of its own where the service says so', async () => {
    expect((await post('1234567890', { 'content-type': 'x/y' }, '/signed')).status).toBe(200)
    expect((await post('12345678901', { 'content-type': 'x/y' }, '/signed')).status).toBe(413)
  })

  test('is parsed strictly in chunks too', async () => {
    const { status, body } = await sendChunked('/notes', ['{"text":"a",', '"text":"b"}'])
    expect([status, JSON.parse(body)]).toEqual([
      400,
      expect.objectContaining({ fault: 'json-duplicate-member' }),
    ])
  })
})

function sendChunked(path: string, chunks: readonly string[]): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>()
  const outgoing = httpRequest(`${service.url}${path}`, { method: 'POST', headers: JSON_TYPE, agent: false })
  outgoing.on('error', reject)
  outgoing.on('response', (incoming) => {
    let body = ''
    incoming.setEncoding('utf8')
    incoming.on('data', (text: string) => (body += text))
    incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body }))
  })
  for (const chunk of chunks) outgoing.write(chunk)
  outgoing.end()
  return promise
}
