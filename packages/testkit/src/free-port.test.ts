import { once } from 'node:events'
import { createServer } from 'node:net'

import { expect, test } from 'vitest'

import { freePort, PORTS } from './free-port.ts'

test('is given once, and is none that an outgoing connection may get', async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, () => freePort()))
  expect(new Set(ports).size).toBe(50)
  expect(ports.filter((port) => port < PORTS.first || port > PORTS.last)).toEqual([])
})

test('can be listened on at every interface', async () => {
  const server = createServer().listen(await freePort())
  await once(server, 'listening')
  server.close()
  await expect(once(server, 'close')).resolves.toEqual([])
})
