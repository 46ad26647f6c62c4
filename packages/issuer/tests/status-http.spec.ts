import { gunzipSync } from 'node:zlib'

import { STATUS } from '@arc3088/records'
import { ANYONE, createLog, createMetrics, createServiceApp, systemAmbient } from '@arc3088/service'
import type { TestDatabase } from '@arc3088/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { statusRoutes, type IssuerTables } from '../src/index.ts'
import {
  change,
  changeOf,
  openLists,
  startLists,
  statusListUri,
  type ListsProcess,
} from './status-fixture.ts'
import { createIssuerDatabase } from './test-issuer.ts'

let database: TestDatabase<IssuerTables>
let node: ListsProcess
let get: (path: string, headers?: Record<string, string>) => Promise<Response>
beforeEach(async () => {
  database = await createIssuerDatabase()
  await openLists(database, 2)
  node = await startLists(database)
  const app = createServiceApp({
    ambient: systemAmbient(),
    log: createLog({ level: 'silent', service: 'test' }),
    metrics: createMetrics('test'),
    permissions: {},
    authenticate: () => Promise.resolve(ANYONE),
  })
  const { sign: signStatusList, uris: listUris } = node.lists
  app.route(
    '/',
    statusRoutes(() => ({ signStatusList, listUris, ttlSeconds: 300 })),
  )
  get = async (path, headers = {}) => await app.request(path, { headers })
})
afterEach(async () => {
  await node[Symbol.asyncDispose]()
  await database.drop()
})

test('a list that rests keeps its ETag, and a change gives it another', async () => {
  const first = await get('/status/0')
  const etag = first.headers.get('etag') ?? ''
  expect(first.headers.get('cache-control')).toBe('public, max-age=300')
  await change(database.db, [changeOf(1, 5, STATUS.revoked)])
  await node.lists.publishDirty()
  expect((await get('/status/0', { 'if-none-match': etag })).status).toBe(304)
  await change(database.db, [changeOf(0, 5, STATUS.revoked)])
  await node.lists.publishDirty()
  const changed = await get('/status/0', { 'if-none-match': etag })
  expect([changed.status, changed.headers.get('etag') === etag]).toEqual([200, false])
})

test('a token is compressed for who takes it, under an ETag of its own', async () => {
  const plain = await get('/status/0')
  const packed = await get('/status/0', { 'accept-encoding': 'gzip, br' })
  expect([packed.headers.get('content-encoding'), packed.headers.get('vary')]).toEqual([
    'gzip',
    'accept-encoding',
  ])
  expect(gunzipSync(await packed.arrayBuffer()).toString()).toBe(await plain.text())
  const etag = packed.headers.get('etag') ?? ''
  expect(etag).not.toBe(plain.headers.get('etag'))
  expect((await get('/status/0', { 'accept-encoding': 'gzip', 'if-none-match': etag })).status).toBe(304)
  expect((await get('/status/0', { 'if-none-match': etag })).status).toBe(200)
})

test('the addresses of all lists are one document with an ETag', async () => {
  const all = await get('/status')
  expect(await all.json()).toEqual({ status_lists: [statusListUri(0), statusListUri(1)] })
  const unchanged = await get('/status', { 'if-none-match': all.headers.get('etag') ?? '' })
  expect(unchanged.status).toBe(304)
})

test.each([
  ['/status/9', 404],
  ['/status/-1', 400],
  ['/status/1.5', 400],
  ['/status/x', 400],
])('%s is %i', async (path, status) => {
  expect((await get(path)).status).toBe(status)
})
