import { createRoutes, limitClients, mountHealth, readTrustedProxies, type RateLimit } from '@arc3088/service'
import { describe, expect, test } from 'vitest'

import { startTestService, type TestService } from './start-test-service.ts'

const READS: RateLimit = { name: 'public-reads', requests: 3, perSeconds: 3600 }
const CHECKPOINTS: RateLimit = { name: 'checkpoints', requests: 2, perSeconds: 3600 }

/** A service on loopback, where a client is whoever a proxy there names, if it is trusted. */
function start(trusted: string): Promise<TestService> {
  return startTestService(
    (app) => {
      mountHealth(app, { service: 'test', version: '1' }, [])
      const routes = createRoutes()
      routes.get('/read', (c) => c.text('read'))
      routes.post('/batch/:codes', (c) => {
        c.get('spendReads')?.(Number(c.req.param('codes')))
        return c.text('read')
      })
      routes.post('/add-checkpoint', limitClients(CHECKPOINTS), (c) => c.text('signed'))
      routes.post('/write', (c) => c.text('written'))
      app.route('/', routes)
    },
    { clients: { trustedProxies: readTrustedProxies(trusted), reads: READS } },
  )
}

/** The statuses of so many requests, as one client after the other. */
async function statuses(
  service: TestService,
  request: { path: string; method?: string },
  clients: readonly (string | undefined)[],
): Promise<number[]> {
  const answers: number[] = []
  for (const client of clients) {
    const headers = client === undefined ? {} : { 'x-forwarded-for': client }
    const response = await service.request(request.path, { method: request.method ?? 'GET', headers })
    await response.text()
    answers.push(response.status)
  }
  return answers
}

const A = '192.0.2.7'
const B = '198.51.100.1'

describe('reads of one client', () => {
  test('are refused past the limit, while another client reads on', async () => {
    await using service = await start('127.0.0.1')
    expect(await statuses(service, { path: '/read' }, [A, A, A, A, B])).toEqual([200, 200, 200, 429, 200])
  })

  test('count together over all addresses, those of its IPv6 network too', async () => {
    await using service = await start('127.0.0.1')
    const clients = ['2001:db8:1:2::1', '2001:db8:1:2::2', '2001:db8:1:2::3']
    expect(await statuses(service, { path: '/nowhere' }, clients)).toEqual([404, 404, 404])
    expect(await statuses(service, { path: '/read' }, ['2001:db8:1:2::4', '2001:db8:1:3::1'])).toEqual([
      429, 200,
    ])
  })

  test('are refused with the time after which to come again', async () => {
    await using service = await start('127.0.0.1')
    await statuses(service, { path: '/read' }, [A, A, A])
    const refused = await service.request('/read', { headers: { 'x-forwarded-for': A } })
    expect(await refused.json()).toMatchObject({ code: 'rate-limited', limit: 'public-reads', requests: 3 })
    const seconds = Number(refused.headers.get('retry-after'))
    expect(seconds).toBeGreaterThan(0)
    expect(seconds).toBeLessThanOrEqual(1200)
    expect(refused.headers.get('ratelimit-policy')).toBe('"public-reads";q=3;w=3600')
  })

  test('leave health, figures and writes alone', async () => {
    await using service = await start('127.0.0.1')
    await statuses(service, { path: '/read' }, [A, A, A, A])
    for (const path of ['/livez', '/readyz', '/metrics', '/version'])
      expect([path, ...(await statuses(service, { path }, [A]))]).toEqual([path, 200])
    expect(await statuses(service, { path: '/write', method: 'POST' }, [A])).toEqual([200])
  })

  test('from this machine are not limited, whatever they claim to be where nobody is trusted', async () => {
    await using service = await start('')
    expect(await statuses(service, { path: '/read' }, [A, A, A, A, undefined, A])).toEqual(
      Array<number>(6).fill(200),
    )
  })

  test.each([
    ['its port beside the address', Array.from({ length: 4 }, (_, nth) => `192.0.2.${nth}:443`)],
    ['the address of this machine', Array<string>(4).fill('127.0.0.1')],
  ])('are limited where the trusted proxy says %s', async (_, clients) => {
    await using service = await start('127.0.0.1')
    expect(await statuses(service, { path: '/read' }, clients)).toEqual([200, 200, 200, 429])
  })

  test('are not limited where this machine itself asks, though a proxy on it is trusted', async () => {
    await using service = await start('127.0.0.1')
    expect(await statuses(service, { path: '/read' }, Array<undefined>(5).fill(undefined))).toEqual(
      Array<number>(5).fill(200),
    )
  })

  test('are spent by a route that reads many at once, and all of a full bucket by more than it holds', async () => {
    await using service = await start('127.0.0.1')
    const batch = (codes: number) => ({ path: `/batch/${codes}`, method: 'POST' })
    expect(await statuses(service, batch(2), [A, A])).toEqual([200, 429])
    expect(await statuses(service, { path: '/read' }, [A, A])).toEqual([200, 429])
    expect(await statuses(service, batch(9), [B, B])).toEqual([200, 429])
  })

  test('are counted by what the trusted proxy saw, not by what its client wrote before', async () => {
    await using service = await start('127.0.0.1')
    const forged = Array.from({ length: 4 }, (_, nth) => `203.0.113.${nth}, ${A}`)
    expect(await statuses(service, { path: '/read' }, forged)).toEqual([200, 200, 200, 429])
  })
})

test('a door with a limit of its own says so in its own words', async () => {
  await using service = await start('127.0.0.1')
  const door = { path: '/add-checkpoint', method: 'POST' }
  expect(await statuses(service, door, [A, A, B])).toEqual([200, 200, 200])
  const refused = await service.request('/add-checkpoint', {
    method: 'POST',
    headers: { 'x-forwarded-for': A },
  })
  expect(refused.status).toBe(429)
  expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d*$/)
  expect(await refused.text()).toMatch(/^rate-limited: /)
})
