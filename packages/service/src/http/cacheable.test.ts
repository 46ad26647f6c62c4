import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'

import { sendCacheable, type CacheableDocument } from './cacheable.ts'

async function get(
  document: Partial<CacheableDocument>,
  headers: Record<string, string> = {},
): Promise<Response> {
  const app = new Hono()
  app.get('/', (c) =>
    sendCacheable(c, { body: 'one', mediaType: 'text/plain', maxAgeSeconds: 60, ...document }),
  )
  return await app.request('/', { headers })
}

const etagOf = async (document: Partial<CacheableDocument> = {}) =>
  (await get(document)).headers.get('etag') ?? ''

describe('a cacheable document', () => {
  test('has a strong ETag that is its content’s', async () => {
    expect(await etagOf()).toMatch(/^"[A-Za-z0-9_-]{27}"$/)
    expect(await etagOf()).toBe(await etagOf())
    expect(await etagOf({ body: 'two' })).not.toBe(await etagOf())
  })

  test.each([
    [{ maxAgeSeconds: 60 }, 'public, max-age=60'],
    [{ maxAgeSeconds: 0 }, 'no-cache'],
    [{ maxAgeSeconds: 31_536_000, immutable: true }, 'public, max-age=31536000, immutable'],
  ])('says how long it may be kept: %o', async (document, cacheControl) => {
    expect((await get(document)).headers.get('cache-control')).toBe(cacheControl)
  })

  test('may be read by any page, and says what it varies by', async () => {
    const { headers } = await get({ vary: 'accept' })
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(headers.get('vary')).toBe('accept')
    expect((await get({})).headers.has('vary')).toBe(false)
  })

  test.each([
    ['the same', (etag: string) => etag],
    ['a weak one', (etag: string) => `W/${etag}`],
    ['any', () => '*'],
    ['one of several', (etag: string) => `"x", W/"y" ,${etag}`],
  ])('is not sent again to who holds %s', async (_, held) => {
    const response = await get({ vary: 'accept' }, { 'if-none-match': held(await etagOf()) })
    expect([response.status, await response.text()]).toEqual([304, ''])
    expect(Object.fromEntries(response.headers)).toEqual({
      etag: await etagOf(),
      'cache-control': 'public, max-age=60',
      'access-control-allow-origin': '*',
      vary: 'accept',
    })
  })

  test.each(['"x"', 'W/"x"', 'x', ''])('is sent to who holds %j', async (held) => {
    const response = await get({}, { 'if-none-match': held })
    expect([response.status, await response.text()]).toEqual([200, 'one'])
  })

  test('that is a signed negative stays one, whatever is held', async () => {
    const response = await get({ status: 404 }, { 'if-none-match': '*' })
    expect([response.status, await response.text()]).toEqual([404, 'one'])
  })
})
