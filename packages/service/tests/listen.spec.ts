import { once } from 'node:events'
import { connect } from 'node:net'

import { listen } from '@arc3088/service'
import { describe, expect, test } from 'vitest'

import { closeOf } from './close-of.ts'
import { sendRaw } from './raw-request.ts'

const hello = () => new Response('hello')
const LOCAL = { host: '127.0.0.1', port: 0 }
/** Long enough that whoever waits for its end is told from whoever does not, on any machine. */
const GRACE_SECONDS = 120

/** A handler that answers when it is told to, and says when it was reached. */
function createSlow() {
  const reached = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const handler = async () => {
    reached.resolve()
    await release.promise
    return new Response('late')
  }
  return { reached: reached.promise, release: () => release.resolve(), handler }
}

async function connectAndAsk(port: number) {
  const socket = connect({ host: '127.0.0.1', port })
  const closed = closeOf(socket)
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
  return { socket, closed }
}

async function secondsOf(act: Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await act
  return (performance.now() - startedAt) / 1000
}

describe('listening', () => {
  test('takes IPv4 and IPv6 at one port where the machine has both', async () => {
    const listener = await listen(hello, { host: '::', port: 0 })
    expect(await (await fetch(`http://127.0.0.1:${listener.port}/`)).text()).toBe('hello')
    expect(await (await fetch(`http://[::1]:${listener.port}/`)).text()).toBe('hello')
    await listener.stop(0)
  })

  test('gives the URL of an IPv6 literal to the handler as it was asked', async () => {
    const listener = await listen((request) => new Response(request.url), { host: '::1', port: 0 })
    const url = `http://[::1]:${listener.port}/a?b=c`
    expect(await (await fetch(url)).text()).toBe(url)
    await listener.stop(0)
  })

  test('says so where the port is taken', async () => {
    const listener = await listen(hello, LOCAL)
    await expect(listen(hello, { host: '127.0.0.1', port: listener.port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
    await listener.stop(0)
  })

  test('answers 500 with a problem for whatever a handler throws', async () => {
    const listener = await listen(() => Promise.reject(new Error('hunter2')), LOCAL)
    const response = await fetch(`http://127.0.0.1:${listener.port}/`)
    const text = await response.text()
    expect([response.status, text.includes('"internal"'), text.includes('hunter2')]).toEqual([
      500,
      true,
      false,
    ])
    await listener.stop(0)
  })

  test('cuts a client that is slow with its headers', async () => {
    const listener = await listen(hello, { ...LOCAL, headersSecondsMax: 0.5 })
    const { text, closed } = await sendRaw(listener.port, ['GET / HTTP/1.1\r\nhost:'])
    expect([text.slice(0, 12), closed]).toEqual(['HTTP/1.1 408', true])
    await listener.stop(0)
  })
})

describe('stopping', () => {
  test('lets a request in flight finish, takes no other, and is then done at once', async () => {
    const slow = createSlow()
    const listener = await listen(slow.handler, LOCAL)
    const inFlight = fetch(`http://127.0.0.1:${listener.port}/`)
    await slow.reached
    const stopped = listener.stop(GRACE_SECONDS)
    await expect(fetch(`http://127.0.0.1:${listener.port}/`)).rejects.toThrow('fetch failed')
    slow.release()
    const [answer, seconds] = await Promise.all([
      inFlight.then((response) => response.text()),
      secondsOf(stopped),
    ])
    expect(answer).toBe('late')
    expect(seconds).toBeLessThan(GRACE_SECONDS)
  })

  test('closes idle kept-alive connections at once', async () => {
    const listener = await listen(hello, LOCAL)
    const { socket, closed } = await connectAndAsk(listener.port)
    await once(socket, 'data')
    expect(await secondsOf(listener.stop(GRACE_SECONDS))).toBeLessThan(GRACE_SECONDS)
    await closed
  })

  test('closes a connection that never asked anything', async () => {
    const listener = await listen(hello, LOCAL)
    const socket = connect({ host: '127.0.0.1', port: listener.port })
    const closed = closeOf(socket)
    await once(socket, 'connect')
    await listener.stop(1)
    await closed
    expect(socket.destroyed).toBe(true)
  })

  test('cuts what has not finished after the grace', async () => {
    const slow = createSlow()
    const listener = await listen(slow.handler, LOCAL)
    const { socket, closed } = await connectAndAsk(listener.port)
    let received = ''
    socket.on('data', (bytes) => (received += bytes.toString()))
    await slow.reached
    const seconds = await secondsOf(listener.stop(0.3))
    expect(seconds).toBeGreaterThan(0.25)
    await closed
    expect(received).toBe('')
    slow.release()
  })
})
