import { gunzipSync } from 'node:zlib'

import { expect, test } from 'vitest'

import { acceptsGzip, createGzipMemory } from './gzip-memory.ts'

test.each([
  [undefined, false],
  ['', false],
  ['identity', false],
  ['br, deflate', false],
  ['gzip', true],
  ['br;q=1.0, gzip;q=0.8, *;q=0.1', true],
  ['GZIP', true],
  ['*', true],
  ['gzip;q=0', false],
  ['gzip; q=0.000', false],
  ['gzip;q=0.001', true],
  ['notgzip', false],
])('who says accept-encoding %j takes gzip: %s', (header, isTaken) => {
  expect(acceptsGzip(header)).toBe(isTaken)
})

test('compresses a text once, and anew when it is another', async () => {
  const compress = createGzipMemory()
  const first = await compress(0, 'token')
  expect(gunzipSync(first).toString()).toBe('token')
  expect(await compress(0, 'token')).toBe(first)
  expect(gunzipSync(await compress(0, 'newer')).toString()).toBe('newer')
})
