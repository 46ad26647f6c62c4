import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { allowLongBody, answerClientError, answerStream, type ServiceEnv } from '@arc3088/service'
import { getRequestListener } from '@hono/node-server'
import { Hono, type Context } from 'hono'
import { expect, test } from 'vitest'

import { closeOf } from './close-of.ts'
import { startTestService } from './start-test-service.ts'

const KIBIBYTE = new Uint8Array(1024).fill(0x61)

/** A service with one stream, made of these chunks. */
async function serveStream(
  chunks: (gone: AbortSignal) => AsyncIterable<Uint8Array>,
  takeSecondsMax = 60,
): ReturnType<typeof startTestService> {
  return await startTestService((app) => {
    app.get('/stream', (c) =>
      answerStream(c, { headers: { 'content-type': 'text/plain' }, takeSecondsMax, chunks }),
    )
  })
}

/** What came, and whether the answer ended as it should. */
async function readStream(url: string): Promise<{ text: string; isWhole: boolean }> {
  const asking = request(`${url}/stream`, { agent: false }).end()
  const [response]: unknown[] = await once(asking, 'response')
  const answer = response as IncomingMessage
  let text = ''
  try {
    for await (const piece of answer.setEncoding('utf8')) text += String(piece)
    return { text, isWhole: answer.complete }
  } catch {
    return { text, isWhole: false }
  }
}

test('a stream that ends comes whole', async () => {
  await using service = await serveStream(async function* () {
    yield KIBIBYTE
    await sleep(20)
    yield KIBIBYTE
  })
  const { text, isWhole } = await readStream(service.url)
  expect([text.length, isWhole]).toEqual([2048, true])
})

test('a stream whose producer throws is cut after what was written, and says nothing of why', async () => {
  await using service = await serveStream(async function* () {
    yield KIBIBYTE
    throw new Error('the disk is full')
  })
  const { text, isWhole } = await readStream(service.url)
  expect([text, isWhole]).toEqual(['a'.repeat(1024), false])
  expect(service.logged.join()).toContain('the disk is full')
})

test('a producer learns that its reader has left', async () => {
  const left = Promise.withResolvers<void>()
  await using service = await serveStream(async function* (gone) {
    yield KIBIBYTE
    await once(gone, 'abort')
    left.resolve()
  })
  const asking = request(`${service.url}/stream`, { agent: false }).end()
  asking.on('error', () => undefined)
  await once(asking, 'response')
  asking.destroy()
  await left.promise
  expect(service.logged.filter((line) => line.includes('broke off'))).toEqual([])
})

test('a reader that takes nothing slows the producer, then is cut', async () => {
  let made = 0
  const cut = Promise.withResolvers<void>()
  await using service = await serveStream(async function* () {
    try {
      for (; made < 1_000_000; made++) yield KIBIBYTE
    } finally {
      cut.resolve()
    }
  }, 1)
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1')
  const closed = closeOf(socket)
  socket.pause()
  socket.write('GET /stream HTTP/1.1\r\nhost: a\r\n\r\n')
  await cut.promise
  // What the kernel took; the producer never had more than one chunk ready.
  expect(made).toBeLessThan(50_000)
  socket.resume()
  await closed
})

/** A listener as a node's, but with less patience. */
async function listenImpatiently(answer: (c: Context<ServiceEnv>) => Promise<Response>): Promise<{
  server: Server
  port: number
}> {
  const app = new Hono<ServiceEnv>().post('/', answer)
  const listener = getRequestListener(app.fetch)
  const options = { requestTimeout: 1000, headersTimeout: 1000, connectionsCheckingInterval: 50 }
  const server = createServer(options, (incoming, outgoing) => void listener(incoming, outgoing))
  server.on('clientError', answerClientError)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

/**
 * Sends a body of ten bytes, for longer than the listener has patience, as far as it is to go, and answers what came back. It never
 * writes once it may have been answered: whoever writes to a connection that was cut loses what it has not read.
 */
async function sendSlowly(port: number, bytes: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.setEncoding('utf8').on('data', (piece: string) => (text += piece))
  const closed = closeOf(socket)
  socket.write('POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 10\r\n\r\n')
  for (let nth = 0; nth < bytes; nth++) {
    await sleep(150)
    socket.write('x')
  }
  await closed
  return text
}

test.each([
  ['is cut at the time of the listener', false, 1, '408 Request Timeout'],
  ['is let be where the route allows it', true, 10, '200 OK'],
])('a body that takes long %s', async (_, isAllowed, bytes, expected) => {
  const { server, port } = await listenImpatiently(async (c) => {
    if (isAllowed) allowLongBody(c)
    return new Response(await c.req.text())
  })
  expect(await sendSlowly(port, bytes)).toContain(`HTTP/1.1 ${expected}`)
  server.close()
})

test('a request that is no HTTP is answered 400 and cut', async () => {
  const { server, port } = await listenImpatiently(async () => new Response('never'))
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.setEncoding('utf8').on('data', (piece: string) => (text += piece))
  const closed = closeOf(socket)
  socket.write('HELO\r\n\r\n')
  await closed
  expect(text).toContain('HTTP/1.1 400 Bad Request')
  server.close()
})
