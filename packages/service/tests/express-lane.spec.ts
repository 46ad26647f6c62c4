import { RegistryError } from '@arc3088/problems'
import { createLog, listen, type ExpressRoute } from '@arc3088/service'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { sendRaw } from './raw-request.ts'

const served: string[] = []
const asked: string[] = []
const warned: string[] = []

/** Says what it got, so that a test sees that the long way got everything. */
async function longWay(request: Request): Promise<Response> {
  const said = {
    way: 'long',
    method: request.method,
    url: new URL(request.url).pathname,
    body: await request.text(),
  }
  return Response.json({ ...said, type: request.headers.get('content-type') })
}

const route = (method: 'GET' | 'POST', prefix: string, answer: ExpressRoute['answer']): ExpressRoute => {
  return { method, prefix, answer }
}

const ROUTES: readonly ExpressRoute[] = [
  route('GET', '/short/', ({ target }) => ({
    status: 200,
    headers: { 'content-type': 'text/plain' },
    body: target,
  })),
  route('GET', '/pieces/', () => ({
    status: 200,
    headers: {},
    body: ['{"a":', '"—"', '}'].map((piece) => Buffer.from(piece)),
  })),
  route('GET', '/left/', () => undefined),
  route('GET', '/left/second/', () => ({ status: 200, headers: {}, body: 'the second' })),
  route('GET', '/refused/', () => {
    throw new RegistryError('forbidden', 'not here')
  }),
  route('GET', '/broken/', () => {
    throw new TypeError('a fault')
  }),
  route('POST', '/short/', ({ body, headers }) => {
    asked.push(body.toString())
    if (body.length === 0 || headers['content-type'] !== 'application/json') return undefined
    return Promise.resolve({ status: 201, headers: {}, body: `got ${body.toString()}` })
  }),
  route('POST', '/refused/', () => Promise.reject(new RegistryError('forbidden', 'not here'))),
]

let listener: Awaited<ReturnType<typeof listen>>
let url: string
beforeAll(async () => {
  listener = await listen(longWay, {
    host: '127.0.0.1',
    port: 0,
    express: {
      routes: ROUTES,
      ambient: { now: () => new Date(0) },
      log: createLog({
        level: 'warn',
        service: 'test',
        destination: { write: (line) => void warned.push(line) },
      }),
      metrics: { requestServed: (method, status) => void served.push(`${method} ${status}`) },
    },
  })
  url = `http://127.0.0.1:${listener.port}`
})
afterAll(async () => await listener.stop(0))

const json = (body: string) => ({ method: 'POST', body, headers: { 'content-type': 'application/json' } })

test('answers and counts what a route takes', async () => {
  const response = await fetch(`${url}/short/a?b=c`)
  expect([response.status, await response.text()]).toEqual([200, '/short/a?b=c'])
  expect(response.headers.get('content-length')).toBe('12')
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  const posted = await fetch(`${url}/short/x`, json('{"a":"中"}'))
  expect([posted.status, await posted.text()]).toEqual([201, 'got {"a":"中"}'])
  expect(served).toEqual(['GET 200', 'POST 201'])
})

test.each([
  ['no route fits', '/other', {}, ''],
  ['a route leaves a GET', '/left/x', {}, ''],
  ['a route refuses a GET', '/refused/x', {}, ''],
  ['a route breaks', '/broken/x', {}, ''],
  ['a route leaves a POST, with its body', '/short/x', { method: 'POST', body: 'text' }, 'text'],
  ['a route refuses a POST, with its body', '/refused/x', json('{"b":1}'), '{"b":1}'],
  ['the method is another', '/short/x', { method: 'PUT', body: 'put' }, 'put'],
  ['the body is longer than the lane reads', '/short/x', json('x'.repeat(5000)), 'x'.repeat(5000)],
] as const)('goes the long way where %s', async (_, path, init, body) => {
  const response = await fetch(`${url}${path}`, init)
  const method = 'method' in init ? init.method : 'GET'
  expect(await response.json()).toMatchObject({ way: 'long', method, url: path, body })
})

test('sends a body in pieces as one, with the length of all of them', async () => {
  const response = await fetch(`${url}/pieces/`)
  expect(response.headers.get('content-length')).toBe('11')
  expect(await response.text()).toBe('{"a":"—"}')
})

test.each(['/short/x', '/left/x', '/pieces/'])(
  '%s is not to be sniffed, whichever way it goes',
  async (path) => {
    const response = await fetch(`${url}${path}`)
    expect([response.status, response.headers.get('x-content-type-options')]).toEqual([200, 'nosniff'])
  },
)

test('tells the log of a fault, and of no refusal', async () => {
  warned.length = 0
  expect((await fetch(`${url}/refused/x`)).status).toBe(200)
  expect(warned).toEqual([])
  expect((await fetch(`${url}/broken/x`)).status).toBe(200)
  expect(warned.map((line): unknown => JSON.parse(line))).toMatchObject([
    { level: 40, err: { type: 'TypeError', message: 'a fault' }, 'http.route': '/broken/' },
  ])
})

test('is answered by the second route where the first leaves it', async () => {
  expect(await (await fetch(`${url}/left/second/x`)).text()).toBe('the second')
})

test('takes no body whose length is not announced', async () => {
  const before = asked.length
  const chunked =
    'POST /short/x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n'
  const answer = await sendRaw(listener.port, [`${chunked}3\r\nabc\r\n0\r\n\r\n`])
  expect(answer.text).toContain('"body":"abc"')
  expect(asked).toHaveLength(before)
})

test('answers nobody when a body breaks off, and goes on serving', async () => {
  const before = asked.length
  await sendRaw(listener.port, ['POST /short/x HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc'], 500)
  expect(asked).toHaveLength(before)
  expect((await fetch(`${url}/short/a`)).status).toBe(200)
})

test('serves requests in a row on one connection, whichever way each goes', async () => {
  const one = (path: string, last = false) =>
    `GET ${path} HTTP/1.1\r\nhost: a\r\n${last ? 'connection: close\r\n' : ''}\r\n`
  const answer = await sendRaw(listener.port, [one('/short/1') + one('/left/2') + one('/short/3', true)])
  const places = ['/short/1', '/left/2', '/short/3'].map((text) => answer.text.lastIndexOf(text))
  expect(places.toSorted((a, b) => a - b)).toEqual(places)
  expect(places[0]).toBeGreaterThan(0)
})
