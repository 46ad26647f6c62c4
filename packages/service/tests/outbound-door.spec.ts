import { createServer, type RequestListener, type Server } from 'node:http'
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
  type Socket,
} from 'node:net'
import { gzipSync } from 'node:zlib'

import { openOutboundDoor, type OutboundDoor } from '@arc3088/service'
import { afterEach, describe, expect, test } from 'vitest'

const LOCAL = { allowLoopbackHttp: true }
const STRICT = { allowLoopbackHttp: false }
const bytesMax = 1000

const toClose: (() => unknown)[] = []
afterEach(async () => {
  for (const close of toClose.splice(0)) await close()
})

function openDoor(...args: Parameters<typeof openOutboundDoor>): OutboundDoor {
  const door = openOutboundDoor(...args)
  toClose.push(() => door.close())
  return door
}

async function bind(server: Server | TcpServer, host = '127.0.0.1'): Promise<number> {
  const connections = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
    socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, host, resolve)
  })
  toClose.push(() => {
    for (const socket of connections) socket.destroy()
    return new Promise((resolve) => {
      server.close(resolve)
    })
  })
  return (server.address() as AddressInfo).port
}

const serve = async (listener: RequestListener) => `http://127.0.0.1:${await bind(createServer(listener))}`

/** Counts the connections that come to loopback, where nothing must come. */
async function startTrap(host = '127.0.0.1') {
  const server = createTcpServer((socket) => socket.destroy())
  const trap = { connections: 0, port: 0 }
  server.on('connection', () => (trap.connections += 1))
  trap.port = await bind(server, host)
  return trap
}

describe('the door', () => {
  test('brings an answer whole, with its media type and headers', async () => {
    const url = await serve((incoming, outgoing) => {
      outgoing.writeHead(404, {
        'content-type': 'Application/JOSE; x=y',
        'x-got': incoming.headers['x-sent'],
      })
      outgoing.end(`${incoming.method} ${incoming.url} 文`)
    })
    const answer = await openDoor(LOCAL).fetch({ url: `${url}/a?b`, headers: { 'x-sent': 's' }, bytesMax })
    expect(answer).toMatchObject({ status: 404, mediaType: 'application/jose', body: 'GET /a?b 文' })
    expect(answer.headers['x-got']).toBe('s')
  })

  test('carries a body', async () => {
    const url = await serve((incoming, outgoing) => {
      let got = ''
      incoming.setEncoding('utf8').on('data', (text: string) => (got += text))
      incoming.on('end', () => outgoing.end(`${incoming.headers['content-length']} ${got}`))
    })
    const answer = await openDoor(LOCAL).fetch({ url, method: 'POST', body: 'sent', bytesMax })
    expect(answer.body).toBe('4 sent')
  })

  test('sends no byte of a body that is longer than any node takes, and one that is exactly so long', async () => {
    const trap = await startTrap()
    const door = openDoor(LOCAL)
    const post = (url: string, length: number) =>
      door.fetch({ url, method: 'POST', body: '文'.repeat(length), bytesMax })
    const url = `http://127.0.0.1:${trap.port}/`
    await expect(post(url, 87_382)).rejects.toThrow(/holds at most 262144 bytes/)
    expect(trap.connections).toBe(0)
    const counting = await serve((incoming, outgoing) => {
      let bytes = 0
      incoming.on('data', (chunk: Buffer) => (bytes += chunk.length))
      incoming.on('end', () => outgoing.end(String(bytes)))
    })
    expect((await post(counting, 87_381)).body).toBe('262143')
  })

  test.each([301, 307, 308])('does not send a body on after a %i', async (status) => {
    const trap = await startTrap()
    const url = await serve((_, outgoing) =>
      outgoing.writeHead(status, { location: `http://127.0.0.1:${trap.port}/` }).end(),
    )
    await expect(
      openDoor(LOCAL).fetch({ url, method: 'POST', body: 'sent', bytesMax }),
    ).rejects.toMatchObject({ code: 'upstream-unreachable' })
    expect(trap.connections).toBe(0)
  })

  test('hands on a 304', async () => {
    const url = await serve((_, outgoing) => outgoing.writeHead(304, { etag: '"x"' }).end())
    expect(await openDoor(LOCAL).fetch({ url, bytesMax })).toMatchObject({ status: 304, body: '' })
  })

  test.each(['127.0.0.1', '127.1', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]', 'localhost', 'localhost.'])(
    'lets no packet out to https://%s or http://%s',
    async (host) => {
      const trap = await startTrap()
      const door = openDoor(STRICT)
      for (const scheme of ['http', 'https']) {
        const fetched = door.fetch({ url: `${scheme}://${host}:${trap.port}/`, bytesMax })
        await expect(fetched).rejects.toMatchObject({ code: 'address-refused' })
      }
      expect(trap.connections).toBe(0)
    },
  )

  test('lets no packet out to a name that resolves to loopback, alone or among others', async () => {
    const trap = await startTrap()
    for (const addresses of [['127.0.0.1'], ['8.8.8.8', '127.0.0.1'], ['::ffff:127.0.0.1'], ['::1']]) {
      const door = openDoor(STRICT, {
        resolve: (_, _options, callback) =>
          callback(
            null,
            addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
          ),
      })
      const fetched = door.fetch({ url: `https://rebound.example:${trap.port}/`, bytesMax })
      await expect(fetched).rejects.toMatchObject({ code: 'address-refused' })
    }
    expect(trap.connections).toBe(0)
  })

  test('asks for a name once for each connection: no second answer can differ', async () => {
    let questions = 0
    const url = await serve((_, outgoing) => outgoing.end('inside'))
    const door = openDoor(LOCAL, {
      resolve: (_, _options, callback) => {
        questions += 1
        // A rebinding server: harmless first, something else from then on.
        callback(null, [{ address: questions === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }])
      },
    })
    const port = new URL(url).port
    for (let nth = 0; nth < 3; nth++)
      expect((await door.fetch({ url: `http://localhost:${port}/`, bytesMax })).body).toBe('inside')
    expect(questions).toBe(1)
  })

  test('tries the next address where the first does not answer', async () => {
    const url = await serve((_, outgoing) => outgoing.end('second'))
    const door = openDoor(LOCAL, {
      resolve: (_, _options, callback) =>
        callback(null, [
          { address: '::1', family: 6 },
          { address: '127.0.0.1', family: 4 },
        ]),
    })
    const answer = await door.fetch({ url: `http://localhost:${new URL(url).port}/`, bytesMax })
    expect(answer.body).toBe('second')
  })

  test('reaches no public address in plain http, not even as localhost', async () => {
    const door = openDoor(LOCAL, {
      resolve: (_, _options, callback) => callback(null, [{ address: '8.8.8.8', family: 4 }]),
    })
    await expect(door.fetch({ url: 'http://localhost/', bytesMax })).rejects.toMatchObject({
      code: 'address-refused',
    })
  })

  test.each([301, 302, 303, 307, 308])('does not follow a %i', async (status) => {
    const trap = await startTrap()
    const url = await serve((_, outgoing) =>
      outgoing.writeHead(status, { location: `http://127.0.0.1:${trap.port}/` }).end(),
    )
    await expect(openDoor(LOCAL).fetch({ url, bytesMax })).rejects.toMatchObject({
      code: 'upstream-unreachable',
      message: expect.stringContaining('redirects are not followed'),
    })
    expect(trap.connections).toBe(0)
  })

  test('keeps a connection for the next fetch', async () => {
    const ports = new Set<number | undefined>()
    const url = await serve((incoming, outgoing) => {
      ports.add(incoming.socket.remotePort)
      outgoing.end('x')
    })
    const door = openDoor(LOCAL)
    for (let nth = 0; nth < 5; nth++) await door.fetch({ url, bytesMax })
    expect(ports.size).toBe(1)
  })
})

describe('an answer', () => {
  test('may be exactly as large as is allowed, and is cut beyond that', async () => {
    const url = await serve((incoming, outgoing) => outgoing.end('x'.repeat(Number(incoming.url?.slice(1)))))
    const door = openDoor(LOCAL)
    expect((await door.fetch({ url: `${url}/1000`, bytesMax })).body).toHaveLength(1000)
    await expect(door.fetch({ url: `${url}/1001`, bytesMax })).rejects.toMatchObject({
      code: 'upstream-unreachable',
      message: expect.stringContaining('more than 1000 bytes'),
    })
  })

  test.each(['gzip', 'br', 'deflate, gzip', 'zstd'])(
    'in the encoding %s is refused: none was asked for',
    async (encoding) => {
      const url = await serve((incoming, outgoing) => {
        expect(incoming.headers['accept-encoding']).toBeUndefined()
        outgoing.writeHead(200, { 'content-encoding': encoding }).end(gzipSync('x'.repeat(100_000)))
      })
      await expect(openDoor(LOCAL).fetch({ url, bytesMax })).rejects.toMatchObject({
        code: 'upstream-unreachable',
        message: expect.stringContaining('encoding that was not asked for'),
      })
    },
  )

  test('that has no end is cut, and its connection closed', async () => {
    const closed = Promise.withResolvers<void>()
    const url = await serve((_, outgoing) => {
      const more = setInterval(() => outgoing.write('x'.repeat(400)), 5)
      outgoing.on('close', () => {
        clearInterval(more)
        closed.resolve()
      })
    })
    await expect(openDoor(LOCAL).fetch({ url, bytesMax })).rejects.toMatchObject({
      code: 'upstream-unreachable',
    })
    await closed.promise
  })

  test.each<[string, RequestListener]>([
    ['never comes', () => undefined],
    [
      'has slow headers',
      (incoming) => void setInterval(() => incoming.socket.write('HTTP/1.1 200 OK\r\n'), 1000).unref(),
    ],
    ['stops in the middle', (_, outgoing) => void outgoing.write('some')],
    [
      'drips',
      (_, outgoing) => {
        const drip = setInterval(() => outgoing.write('x'), 20)
        outgoing.on('close', () => clearInterval(drip))
      },
    ],
  ])('that %s is upstream-timeout after the whole time', async (_, listener) => {
    const url = await serve(listener)
    const startedAt = performance.now()
    await expect(openDoor(LOCAL, { secondsMax: 0.3 }).fetch({ url, bytesMax })).rejects.toMatchObject({
      code: 'upstream-timeout',
    })
    expect(performance.now() - startedAt).toBeGreaterThan(290)
  })

  test.each<[string, string]>([
    ['is none', 'hello\r\n\r\n'],
    ['closes before its headers end', 'HTTP/1.1 200 OK\r\n'],
    ['closes before its body ends', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'],
    ['switches protocols', 'HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'],
    ['has too many headers', `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['is nothing', ''],
  ])('that %s is upstream-unreachable', async (_, bytes) => {
    const port = await bind(
      createTcpServer((socket) => {
        socket.once('data', () => socket.end(bytes))
      }),
    )
    const fetched = openDoor(LOCAL, { secondsMax: 2 }).fetch({ url: `http://127.0.0.1:${port}/`, bytesMax })
    await expect(fetched).rejects.toMatchObject({ code: 'upstream-unreachable' })
  })

  test('that a stale pooled connection swallowed is asked for once more, and a POST is not', async () => {
    let connections = 0
    const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
    const port = await bind(
      createTcpServer((socket) => {
        connections += 1
        socket.once('data', () => {
          socket.write(ok)
          // The next request on this connection meets a close.
          socket.once('data', () => socket.destroy())
        })
      }),
    )
    const door = openDoor(LOCAL)
    const url = `http://127.0.0.1:${port}/`
    expect((await door.fetch({ url, bytesMax })).body).toBe('ok')
    expect((await door.fetch({ url, bytesMax })).body).toBe('ok')
    expect(connections).toBe(2)
    await expect(door.fetch({ url, method: 'POST', body: 'x', bytesMax })).rejects.toMatchObject({
      code: 'upstream-unreachable',
    })
    expect(connections).toBe(2)
  })

  test('of nobody is upstream-unreachable', async () => {
    const port = await bind(createTcpServer())
    for (const close of toClose.splice(0)) await close()
    const door = openDoor(LOCAL, {
      resolve: (_, _options, callback) =>
        callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), []),
    })
    for (const url of [`http://127.0.0.1:${port}/`, 'https://nowhere.example/'])
      await expect(door.fetch({ url, bytesMax })).rejects.toMatchObject({ code: 'upstream-unreachable' })
  })

  test('is not told of by the address that was asked for beyond its origin', async () => {
    const port = await bind(createTcpServer())
    for (const close of toClose.splice(0)) await close()
    const fetched = openDoor(LOCAL).fetch({ url: `http://127.0.0.1:${port}/secret`, bytesMax })
    await expect(fetched).rejects.toMatchObject({ message: `http://127.0.0.1:${port} could not be reached` })
  })
})
