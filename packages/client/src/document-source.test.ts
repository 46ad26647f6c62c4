import { RegistryError } from '@arc3088/problems'
import { createMemorySigner, generateSigningKey, packStatusList, signStatusListToken } from '@arc3088/records'
import { expect, test } from 'vitest'

import { createMemoryCache } from './document-cache.ts'
import { createDocumentSource } from './document-source.ts'
import type { FetchDocument, FetchedDocument } from './fetch-document.ts'

const URL_OF_LIST = 'https://p.example/status/1'
const START = Date.UTC(2026, 10, 22)

/** A node at the far end of the injected fetch: signs a status list at the time it is asked, or fails. */
async function createWorld() {
  const { privateJwk } = await generateSigningKey('Ed25519')
  const signer = await createMemorySigner({ alg: 'Ed25519', privateJwk })
  const lst = await packStatusList([])
  const world = {
    now: START,
    asked: 0,
    fault: undefined as Error | undefined,
    instead: undefined as FetchedDocument | undefined,
  }
  const fetchDocument: FetchDocument = async () => {
    world.asked += 1
    if (world.fault !== undefined) throw world.fault
    if (world.instead !== undefined) return world.instead
    const iat = Math.floor(world.now / 1000)
    const body = await signStatusListToken(signer, {
      sub: URL_OF_LIST,
      iat,
      exp: iat + 3600,
      ttl: 60,
      status_list: { bits: 4, lst },
    })
    return { status: 200, mediaType: 'application/statuslist+jwt', headers: {}, body }
  }
  const source = createDocumentSource({
    fetchDocument,
    cache: createMemoryCache(),
    now: () => new Date(world.now),
  })
  const obtain = (freshAfter = 0, deadline = Number.POSITIVE_INFINITY) =>
    source.obtain('status-list', URL_OF_LIST, { freshAfter, deadline })
  return { world, obtain, advance: (seconds: number) => void (world.now += seconds * 1000) }
}

const DOWN = new RegistryError('upstream-unreachable', 'https://p.example could not be reached')

test('asks a node once, however many ask at once', async () => {
  const { world, obtain } = await createWorld()
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => obtain()))
  expect(world.asked).toBe(1)
  expect(new Set(outcomes.map((each) => each.kind))).toEqual(new Set(['document']))
})

test('asks again after the ttl and not before', async () => {
  const { world, obtain, advance } = await createWorld()
  await obtain()
  advance(59)
  await obtain()
  expect(world.asked).toBe(1)
  advance(1)
  await obtain()
  expect(world.asked).toBe(2)
})

test('goes on with what it has while the node is down, until that expires', async () => {
  const { world, obtain, advance } = await createWorld()
  const first = await obtain()
  world.fault = DOWN
  advance(3599)
  const later = await obtain()
  expect(later).toMatchObject({ kind: 'document', trouble: { code: 'upstream-unreachable' } })
  expect(later).toHaveProperty('document.body', first.kind === 'document' ? first.document.body : '')
  advance(1)
  expect(await obtain()).toMatchObject({ kind: 'absent', trouble: { code: 'upstream-unreachable' } })
})

test('leaves a node that is down alone for a moment, and then asks again', async () => {
  const { world, obtain, advance } = await createWorld()
  await obtain()
  world.fault = DOWN
  advance(60)
  for (let i = 0; i < 10; i += 1) await obtain()
  expect(world.asked).toBe(2)
  world.fault = undefined
  advance(2)
  const outcome = await obtain()
  expect(world.asked).toBe(3)
  expect(outcome).not.toHaveProperty('trouble')
})

test.each([
  ['an error page', { status: 503, mediaType: 'application/problem+json' }],
  ['a page of a gateway', { status: 200, mediaType: 'text/html' }],
  ['a negative where there is none', { status: 404, mediaType: 'application/statuslist+jwt' }],
])('does not take %s for a document', async (_, answer) => {
  const { world, obtain, advance } = await createWorld()
  world.instead = { ...answer, headers: {}, body: 'x' }
  expect(await obtain()).toMatchObject({ kind: 'absent', trouble: { subject: URL_OF_LIST } })
  world.instead = undefined
  advance(2)
  expect(await obtain()).toMatchObject({ kind: 'document' })
})

test('hands on what is no document of its kind for the verifier to judge, and does not keep it', async () => {
  const { world, obtain } = await createWorld()
  world.instead = { status: 200, mediaType: 'application/statuslist+jwt', headers: {}, body: 'a.b.c' }
  expect(await obtain()).toMatchObject({ kind: 'document', document: { body: 'a.b.c' } })
  world.instead = undefined
  expect(await obtain()).not.toMatchObject({ document: { body: 'a.b.c' } })
})

test('asks again for what was fetched before a given time, though it is fresh', async () => {
  const { world, obtain, advance } = await createWorld()
  await obtain()
  advance(10)
  await obtain(world.now - 5000)
  expect(world.asked).toBe(2)
})

test('asks nobody once the time for the walk is used up', async () => {
  const { world, obtain } = await createWorld()
  const outcome = await obtain(0, world.now)
  expect(world.asked).toBe(0)
  expect(outcome).toMatchObject({ kind: 'absent', trouble: { code: 'upstream-timeout' } })
})

test('does not hide a fault of its own as trouble of a node', async () => {
  const { world, obtain } = await createWorld()
  world.fault = new TypeError('a bug')
  await expect(obtain()).rejects.toThrow('a bug')
})
