import { RegistryError } from '@arc3088/problems'
import { limitRoutes, mountHealth, type ReadinessCheck } from '@arc3088/service'
import { describe, expect, test } from 'vitest'

import { startTestService } from './start-test-service.ts'

const start = (checks: readonly ReadinessCheck[]) =>
  startTestService((app) => {
    mountHealth(app, { service: 'test', version: '1.2.3' }, checks)
    app.route(
      '/',
      limitRoutes(() => ({
        bodyBytes: 9,
        pageItems: 8,
        rates: [{ name: 'doors', requests: 2, perSeconds: 60 }],
      })),
    )
  })

const good: ReadinessCheck = { name: 'database', check: async () => undefined }

describe('health', () => {
  test('answers at its four addresses, never cached', async () => {
    await using service = await start([good])
    for (const path of ['/livez', '/readyz', '/version', '/metrics']) {
      const response = await service.request(path)
      expect([path, response.status, response.headers.get('cache-control')]).toEqual([path, 200, 'no-store'])
    }
    expect(await (await service.request('/version')).json()).toEqual({ service: 'test', version: '1.2.3' })
    const metrics = await service.request('/metrics')
    expect(metrics.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(await metrics.text()).toContain('arc3088_http_request_seconds_bucket')
  })

  test('stays in service where only an advisory check fails, and says so', async () => {
    const readOnly: ReadinessCheck = {
      name: 'writes',
      isAdvisory: true,
      check: () => Promise.reject(new RegistryError('node-read-only', 'it reads only')),
    }
    await using service = await start([good, readOnly])
    const response = await service.request('/readyz')
    expect([response.status, await response.json()]).toEqual([
      200,
      {
        status: 'degraded',
        checks: [
          { name: 'database', ok: true },
          { name: 'writes', ok: false, detail: 'it reads only' },
        ],
      },
    ])
  })

  test('names the checks that fail, and tells of them only what is public', async () => {
    await using service = await start([
      good,
      {
        name: 'assignment',
        check: () => Promise.reject(new RegistryError('awaiting-assignment', 'no code yet')),
      },
      { name: 'migrations', check: () => Promise.reject(new Error('connect 10.0.0.7 as hunter2')) },
      {
        name: 'anchor',
        check: () => {
          throw new RegistryError('service-unavailable', 'not async')
        },
      },
    ])
    const response = await service.request('/readyz')
    expect([response.status, await response.json()]).toEqual([
      503,
      {
        status: 'unready',
        checks: [
          { name: 'database', ok: true },
          { name: 'assignment', ok: false, detail: 'no code yet' },
          { name: 'migrations', ok: false },
          { name: 'anchor', ok: false, detail: 'not async' },
        ],
      },
    ])
    expect(service.logged.join('')).toContain('connect 10.0.0.7 as hunter2')
    expect((await service.request('/livez')).status).toBe(200)
  })

  test('does not wait for a check that never answers', async () => {
    await using service = await start([good, { name: 'stuck', check: () => new Promise(() => undefined) }])
    const response = await service.request('/readyz')
    expect(await response.json()).toMatchObject({
      checks: [
        { name: 'database', ok: true },
        { name: 'stuck', ok: false, detail: 'no answer in time' },
      ],
    })
    expect(response.status).toBe(503)
  })
})

test('limits are those in force', async () => {
  await using service = await start([])
  expect(await (await service.request('/v1/limits')).json()).toEqual({
    body_bytes: 9,
    page_items: 8,
    rates: [{ name: 'doors', requests: 2, per_seconds: 60 }],
  })
})
