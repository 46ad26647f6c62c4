import type { Signer } from '@arc3088/records'
import {
  ANYONE,
  createLog,
  createMetrics,
  createServiceApp,
  mountOpenApi,
  systemAmbient,
} from '@arc3088/service'
import {
  decodeEntryBundle,
  hashLeaf,
  parseCheckpoint,
  parseNote,
  tilePath,
  treeRoot,
  type TileAddress,
} from '@arc3088/tlog'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { tlogRoutes } from '../src/log/tlog.route.ts'
import {
  createEd25519Signer,
  createLogDatabase,
  createTestWitness,
  openLogProcess,
  queue,
  queueMany,
  witnessedBy,
  type LogDatabase,
  type LogProcess,
} from './test-log-process.ts'

const SIZE = 256 * 4 + 30

let key: Signer
let database: LogDatabase
let process: LogProcess

beforeAll(async () => {
  key = await createEd25519Signer()
  database = await createLogDatabase()
  process = openLogProcess(database, { key })
  await queueMany(database, 'served', SIZE, 211)
  await process.log.drainNow()
})
afterAll(async () => {
  await process[Symbol.asyncDispose]()
  await database.drop()
})

function appOf(log: LogProcess['log']) {
  const app = createServiceApp({
    ambient: systemAmbient(),
    log: createLog({ level: 'silent', service: 'test' }),
    metrics: createMetrics('test'),
    permissions: {},
    authenticate: () => Promise.resolve(ANYONE),
  })
  app.route(
    '/',
    tlogRoutes(() => ({ log })),
  )
  return app
}

const get = async (path: string) => await appOf(process.log).request(path)
const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer())
const tile = async (address: TileAddress) => await get(`/tlog/${tilePath(address)}`)

describe('the log over HTTP', () => {
  test('shows its checkpoint, to be kept for a second', async () => {
    const response = await get('/tlog/checkpoint')
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('public, max-age=1')
    const checkpoint = parseCheckpoint(parseNote(await response.text())?.body ?? '')
    expect(checkpoint).toMatchObject({ origin: 'p1.example/tlog', size: SIZE })
  })

  test('can be made again from its bundles by anybody, root and all', async () => {
    const entries: Uint8Array[] = []
    for (let index = 0; index * 256 < SIZE; index += 1) {
      const width = Math.min(256, SIZE - index * 256)
      const response = await tile({ level: 'entries', index, width })
      expect(response.headers.get('content-type')).toBe('application/octet-stream')
      expect(response.headers.has('content-encoding')).toBe(false)
      entries.push(...(decodeEntryBundle(await bytesOf(response)) ?? []))
    }
    const { root } = await process.log.head()
    expect(entries).toHaveLength(SIZE)
    expect(Buffer.from(treeRoot(entries.map(hashLeaf))).toString('base64url')).toBe(root)
  })

  test('gives full tiles for a year, as what never changes', async () => {
    const response = await tile({ level: 0, index: 3, width: 256 })
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(await bytesOf(response)).toHaveLength(8192)
    expect((await tile({ level: 1, index: 0, width: 4 })).headers.get('cache-control')).toBe(
      'public, max-age=600',
    )
  })

  test('gives a partial tile of every width up to the present one, as the beginning of it', async () => {
    const widest = await bytesOf(await tile({ level: 0, index: 4, width: 30 }))
    for (const width of [1, 7, 29, 30]) {
      expect(await bytesOf(await tile({ level: 0, index: 4, width }))).toEqual(widest.subarray(0, width * 32))
      const bundle = await bytesOf(await tile({ level: 'entries', index: 4, width }))
      expect(decodeEntryBundle(bundle)).toHaveLength(width)
    }
    expect(await bytesOf(await tile({ level: 0, index: 1, width: 9 }))).toHaveLength(9 * 32)
  })

  test.each([
    ['a wider tile than there is', 'tile/0/004.p/31'],
    ['a full tile that is still partial', 'tile/0/004'],
    ['a tile beyond the end', 'tile/0/005.p/1'],
    ['a bundle beyond the end', 'tile/entries/005.p/1'],
    ['a level that the tree has not', 'tile/2/000.p/1'],
    ['an index without its zeros', 'tile/0/3'],
    ['an index with too many zeros', 'tile/0/x000/003'],
    ['a width of 256', 'tile/0/003.p/256'],
    ['a width of 0', 'tile/0/003.p/0'],
    ['a level that is none', 'tile/x/003'],
    ['a path that leads out', 'tile/0/../../v1'],
    ['nothing', 'tile/0'],
  ])('answers 404 to %s', async (_, path) => {
    const response = await get(`/tlog/${path}`)
    expect(response.status).toBe(404)
    expect(response.headers.get('content-type')).toMatch('application/problem+json')
  })

  test('shows only what is witnessed where there is a quorum, and nothing before', async () => {
    await using other = await createLogDatabase()
    const witness = await createTestWitness('w1.example', key)
    let isUp = false
    const parts = witnessedBy([witness], 1)
    await using watched = openLogProcess(other, {
      key,
      ...parts,
      askWitness: async (address, request) =>
        isUp ? await parts.askWitness(address, request) : { kind: 'unreachable', detail: 'down' },
    })
    const shown = async () => (await appOf(watched.log).request('/tlog/checkpoint')).text()
    expect(parseCheckpoint(parseNote(await shown())?.body ?? '')?.size).toBe(0)
    await queue(other, ['a'])
    await watched.log.drainNow()
    expect((await appOf(watched.log).request('/tlog/checkpoint')).status).toBe(404)
    isUp = true
    watched.log.start()
    await expect.poll(async () => parseNote(await shown())?.signatures.length).toBe(2)
  })

  test('stands in the API description, tiles by level and index', async () => {
    const app = appOf(process.log)
    mountOpenApi(app, { title: 'test', version: '1' })
    const document: unknown = await (await app.request('/openapi.json')).json()
    expect(document).toMatchObject({
      paths: {
        '/tlog/checkpoint': { get: {} },
        '/tlog/tile/{level}/{index}': { get: { 'x-action': 'public' } },
      },
    })
  })
})
