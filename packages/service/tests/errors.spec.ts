import { RegistryError } from '@arc3088/problems'
import { createRoutes, guard, limitRate, mountOpenApi, PUBLIC, renderFederationError } from '@arc3088/service'
import { createRoute, z } from '@hono/zod-openapi'
import { HTTPException } from 'hono/http-exception'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { sendRaw } from './raw-request.ts'
import { readJson, startTestService, type TestService } from './start-test-service.ts'

const answer = { 200: { description: 'Fine' } }
const guardedRoute = createRoute({
  method: 'get',
  path: '/guarded',
  ...guard('code:assign'),
  responses: answer,
})
const fetchRoute = createRoute({
  method: 'get',
  path: '/federation/fetch',
  ...PUBLIC,
  request: { query: z.strictObject({ sub: z.string() }) },
  responses: answer,
})

let service: TestService
beforeAll(async () => {
  service = await startTestService(
    (app, deps) => {
      const routes = createRoutes().openapi(guardedRoute, (c) => c.text(c.get('principal').id))
      routes.get('/refuses', () => {
        throw new RegistryError('code-taken', 'gone', {
          extra: { subject: 'X' },
          cause: new Error('tls with 10.0.0.7'),
        })
      })
      routes.get('/fails', () => {
        throw new Error('password is hunter2')
      })
      routes.get('/throws-text', () => {
        // eslint-disable-next-line no-throw-literal -- what a careless library may do
        throw 'hunter2' as unknown as Error
      })
      routes.get('/foreign', () => {
        throw new HTTPException(418, { message: 'hunter2' })
      })
      routes.put('/refuses', (c) => c.text('put'))
      const limit = { name: 'doors', requests: 2, perSeconds: 60 }
      routes.on(
        'POST',
        '/door',
        limitRate(() => limit),
      )
      routes.post('/door', (c) => c.text('in'))
      const federation = createRoutes()
      federation.onError((error, c) => renderFederationError(error, c, deps.log))
      federation.openapi(fetchRoute, (c) => {
        if (c.req.valid('query').sub === 'fail') throw new Error('hunter2')
        throw new RegistryError('entity-unknown', 'never assigned')
      })
      routes.post('/add-checkpoint', async (c) => {
        const body = await c.req.text()
        if (body === 'fail') throw new Error('hunter2')
        throw body === 'size'
          ? new RegistryError('checkpoint-conflict', 'not that', { extra: { size: 20_852_014 } })
          : new RegistryError('log-unknown', 'never heard of it')
      })
      app.route('/', routes)
      app.route('/', federation)
      mountOpenApi(app, { title: 'Test', version: '1' })
    },
    { permissions: { 'code:assign': ['officer'] } },
  )
})
afterAll(() => service[Symbol.asyncDispose]())

describe('a refusal', () => {
  test('is told as RFC 9457, in both languages, and never cached', async () => {
    const response = await service.request('/refuses?token=x')
    expect(response.status).toBe(409)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
    })
    expect(await response.json()).toEqual({
      type: '/problems/code-taken',
      title: expect.any(String),
      title_zh: expect.stringMatching(/[一-鿿]/),
      status: 409,
      code: 'code-taken',
      instance: '/refuses',
      detail: 'gone',
      subject: 'X',
    })
  })

  test('keeps its cause for the log', async () => {
    expect(await (await service.request('/refuses')).text()).not.toContain('10.0.0.7')
    expect(service.logged.some((line) => line.includes('10.0.0.7') && line.includes('request refused'))).toBe(
      true,
    )
  })

  test.each(['/fails', '/throws-text', '/foreign'])(
    'that is a fault of ours (%s) says nothing, and is logged',
    async (path) => {
      const response = await service.request(path)
      const text = await response.text()
      expect([response.status, response.headers.get('content-type')]).toEqual([
        500,
        'application/problem+json',
      ])
      expect(text).not.toContain('hunter2')
      expect(JSON.parse(text)).not.toHaveProperty('detail')
      const lines = service.logged.filter((line) => line.includes(`"http.path":"${path}"`))
      expect(lines).toHaveLength(1)
      expect(lines[0]).toContain('hunter2')
    },
  )

  test('for want of a credential says which there is (RFC 9110 section 15.5.2)', async () => {
    for (const headers of [{}, { authorization: 'Bearer nobody' }]) {
      const response = await service.request('/guarded', { headers })
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([
        401,
        'Bearer realm="arc3088"',
      ])
    }
    const clerk = await service.request('/guarded', { headers: { authorization: 'Bearer clerk' } })
    expect([clerk.status, clerk.headers.get('www-authenticate')]).toEqual([403, null])
    const officer = await service.request('/guarded', { headers: { authorization: 'Bearer officer' } })
    expect(await officer.text()).toBe('officer')
  })

  test('of an unknown address is told the same way', async () => {
    const response = await service.request('/nowhere')
    expect([response.status, (await readJson(response))['code']]).toEqual([404, 'route-not-found'])
  })

  test('of a method says which there are', async () => {
    const response = await service.request('/refuses', { method: 'DELETE' })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, PUT, OPTIONS'])
    expect((await readJson(response))['code']).toBe('method-not-allowed')
  })

  test('is not the answer to OPTIONS: what the address takes is, and what a page of any origin may ask', async () => {
    const ask = async (path: string) => {
      const { status, headers } = await service.request(path, { method: 'OPTIONS' })
      return [status, headers.get('allow'), headers.get('access-control-allow-methods')]
    }
    expect(await ask('/refuses')).toEqual([204, 'GET, HEAD, PUT, OPTIONS', 'GET, HEAD, PUT'])
    expect(await ask('/guarded')).toEqual([204, 'GET, HEAD, OPTIONS', null])
    expect(await ask('/nowhere')).toEqual([404, null, null])
  })

  test('has no body for HEAD', async () => {
    const response = await service.request('/refuses', { method: 'HEAD' })
    expect([response.status, await response.text()]).toEqual([409, ''])
  })

  test.each([
    ['no usable Host', 'GET / HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n'],
    ['a target that makes no URL', 'GET http://[ HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'],
  ])('reaches a request with %s', async (_, bytes) => {
    const { text } = await sendRaw(service.listener.port, [bytes])
    expect(text).toMatch(/^HTTP\/1\.1 400 /)
    expect(text).toContain('request-invalid')
  })
})

describe('below /federation/', () => {
  const post = { method: 'POST', body: 'x'.repeat(300_000) }

  test.each([
    ['a refusal', '/federation/fetch?sub=x', {}, 404, 'not_found'],
    ['a fault of ours', '/federation/fetch?sub=fail', {}, 500, 'server_error'],
    ['a bad parameter', '/federation/fetch', {}, 400, 'invalid_request'],
    ['an unknown parameter', '/federation/fetch?sub=x&colour=blue', {}, 400, 'invalid_request'],
    ['an unknown address', '/federation/nowhere', {}, 404, 'not_found'],
    ['another method', '/federation/fetch', { method: 'DELETE' }, 405, 'invalid_request'],
    ['a body that is too large', '/federation/fetch', post, 413, 'invalid_request'],
  ])('%s is told in OpenID Federation’s words', async (_, path, init, status, error) => {
    const response = await service.request(path, init)
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/json'])
    const body = await readJson(response)
    expect(Object.keys(body).toSorted()).toEqual(['error', 'error_description'])
    expect(body['error']).toBe(error)
    expect(body['error_description']).not.toContain('hunter2')
  })
})

describe('a rate limit', () => {
  test('says on every answer what is left, and on the refusal when to come again', async () => {
    const answers: Response[] = []
    for (let nth = 0; nth < 4; nth++) answers.push(await service.request('/door', { method: 'POST' }))
    expect(answers.map((response) => response.status)).toEqual([200, 200, 429, 429])
    for (const response of answers) {
      expect(response.headers.get('ratelimit-policy')).toBe('"doors";q=2;w=60')
      expect(response.headers.get('ratelimit')).toMatch(/^"doors";r=\d;t=(60|59)$/)
    }
    expect(answers.map((response) => response.headers.get('ratelimit')?.split(';')[1])).toEqual([
      'r=1',
      'r=0',
      'r=0',
      'r=0',
    ])
    const refusal = answers[3] ?? Response.json({})
    expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThan(50)
    expect(await refusal.json()).toMatchObject({
      code: 'rate-limited',
      limit: 'doors',
      requests: 2,
      per_seconds: 60,
    })
  })
})

test('counts what was served by method and status class', async () => {
  const metrics = await service.deps.metrics.registry.metrics()
  expect(metrics).toMatch(/arc3088_http_requests_total\{method="GET",status="5xx",service="test"\} [1-9]/)
  expect(metrics).toMatch(/arc3088_http_requests_total\{method="POST",status="4xx",service="test"\} [1-9]/)
})

test('serves its contract with an ETag', async () => {
  const response = await service.request('/openapi.json')
  expect(await response.json()).toMatchObject({ openapi: '3.1.0', info: { title: 'Test' } })
  const etag = response.headers.get('etag') ?? ''
  expect((await service.request('/openapi.json', { headers: { 'if-none-match': etag } })).status).toBe(304)
})

describe('the witness endpoint', () => {
  const add = async (body: string) => {
    const response = await service.request('/add-checkpoint', { method: 'POST', body })
    return [response.status, response.headers.get('content-type'), await response.text()]
  }
  test('is refused in plain text', async () => {
    const text = 'text/plain; charset=utf-8'
    expect(await add('x')).toEqual([404, text, 'log-unknown: never heard of it\n'])
    expect(await add('fail')).toEqual([500, text, 'internal: The registry failed\n'])
  })

  test('tells a conflict by the size alone (C2SP tlog-witness)', async () => {
    expect(await add('size')).toEqual([409, 'text/x.tlog.size', '20852014\n'])
  })
})
