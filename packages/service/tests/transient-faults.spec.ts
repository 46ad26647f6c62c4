import { createRoutes } from '@arc3088/service'
import { expect, test } from 'vitest'

import { readJson, startTestService } from './start-test-service.ts'

test('a fault that passes by itself is said as such, with when to come again, and any other is not', async () => {
  await using service = await startTestService(
    (app) => {
      const routes = createRoutes()
      routes.get('/away', () => {
        throw new Error('the database went away')
      })
      routes.get('/broken', () => {
        throw new Error('a bug')
      })
      app.route('/', routes)
    },
    { isTransient: (error) => error instanceof Error && error.message.includes('went away') },
  )
  const away = await service.request('/away')
  expect([away.status, away.headers.get('retry-after'), (await readJson(away))['code']]).toEqual([
    503,
    '1',
    'service-unavailable',
  ])
  expect((await service.request('/broken')).status).toBe(500)
  expect(service.logged.join('')).toContain('the database went away')
})
