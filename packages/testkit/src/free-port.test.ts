import { once } from 'node:events'
import { createServer } from 'node:net'

import { expect, test } from 'vitest'

import { freePort, portsOfWorker, PORTS } from './free-port.ts'

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

test('no two workers of a run have a port in common, and all lie where a node finds its port again', () => {
  const shares = Array.from({ length: 16 }, (_, nth) => portsOfWorker(nth + 1, 4711)).toSorted(
    (one, other) => one.first - other.first,
  )
  for (const [nth, { first, last }] of shares.entries()) {
    expect(first).toBeGreaterThan(shares[nth - 1]?.last ?? PORTS.first - 1)
    expect(last).toBeGreaterThan(first + 1000)
    expect(last).toBeLessThanOrEqual(PORTS.last)
  }
})
