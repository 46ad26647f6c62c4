import { generateSigningKey } from '@arc3088/records'
import { ownLogMetadata } from '@arc3088/issuer'
import { createLog } from '@arc3088/service'
import { createClock } from '@arc3088/testkit'
import { expect, test } from 'vitest'

import { openWitnessing } from './witnessing.ts'

async function owner(host: string) {
  const entityId = `https://${host}.example`
  const { publicJwk } = await generateSigningKey('Ed25519')
  return { entityId, log: ownLogMetadata(entityId, [publicJwk]) }
}

/** A root's witnessing over providers that the test changes. */
async function open(quorumWished: number, owners: Awaited<ReturnType<typeof owner>>[]) {
  const clock = createClock()
  const logged: string[] = []
  const state = { owners, reads: 0, isDown: false }
  const witnessing = await openWitnessing({
    readLogOwners: async (limit) => {
      state.reads += 1
      if (state.isDown) throw new Error('the database is away')
      return state.owners.slice(0, limit)
    },
    ambient: clock,
    log: createLog({
      level: 'warn',
      service: 'test',
      destination: { write: (line) => void logged.push(line) },
    }),
    quorumWished,
  })
  return { witnessing, clock, state, logged }
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

test('knows its quorum before it is asked for a witness', async () => {
  const { witnessing } = await open(1, [await owner('p1')])
  expect(witnessing.quorum()).toBe(1)
  expect((await witnessing.witnesses()).map(({ url }) => url)).toEqual(['https://p1.example/'])
})

test('asks for no more than there are, and for as many as it is told to', async () => {
  const { witnessing, clock, state } = await open(2, [])
  expect([witnessing.quorum(), witnessing.quorumBelow()]).toEqual([0, 1])
  for (const host of ['p1', 'p2', 'p3']) state.owners = [...state.owners, await owner(host)]
  clock.advanceSeconds(3)
  // The answer may be the earlier one; it looks again in the background, also when nobody asks for witnesses.
  witnessing.quorum()
  await settle()
  expect(witnessing.quorum()).toBe(2)
})

test('asks for none, and for none below, where its operator wants none', async () => {
  const { witnessing } = await open(0, [await owner('p1')])
  expect([witnessing.quorum(), witnessing.quorumBelow()]).toEqual([0, 0])
})

test('names sixteen at most', async () => {
  const owners = await Promise.all(Array.from({ length: 20 }, (_, nth) => owner(`p${nth}`)))
  const { witnessing } = await open(1, owners)
  expect(await witnessing.witnesses()).toHaveLength(16)
})

test('names every key of a witness, and counts it once', async () => {
  const [changing, other] = [await owner('p1'), await owner('p2')]
  const { publicJwk } = await generateSigningKey('Ed25519')
  const next = ownLogMetadata(changing.entityId, [publicJwk]).vkeys
  changing.log = { ...changing.log, vkeys: [...changing.log.vkeys, ...next] }
  const { witnessing } = await open(3, [changing, other])
  const urls = (await witnessing.witnesses()).map(({ url }) => url)
  expect(urls).toEqual(['https://p1.example/', 'https://p2.example/', 'https://p1.example/'])
  expect(witnessing.quorum()).toBe(2)
})

test('leaves out a second key rather than a sixteenth witness', async () => {
  const owners = await Promise.all(Array.from({ length: 16 }, (_, nth) => owner(`p${nth}`)))
  const twice = owners.map(({ entityId, log }) => ({
    entityId,
    log: { ...log, vkeys: [...log.vkeys, ...log.vkeys] },
  }))
  const { witnessing } = await open(16, twice)
  expect(new Set((await witnessing.witnesses()).map(({ url }) => url)).size).toBe(16)
})

test('reads once for many that ask, and not again for a while', async () => {
  const { witnessing, clock, state } = await open(1, [])
  await Promise.all(Array.from({ length: 50 }, () => witnessing.witnesses()))
  expect(state.reads).toBe(1)
  clock.advanceSeconds(3)
  await Promise.all(Array.from({ length: 50 }, () => witnessing.witnesses()))
  expect(state.reads).toBe(2)
})

test('goes on asking for as many while the database is away, and says so', async () => {
  const { witnessing, clock, state, logged } = await open(1, [await owner('p1')])
  state.isDown = true
  clock.advanceSeconds(3)
  expect(witnessing.quorum()).toBe(1)
  await settle()
  expect(witnessing.quorum()).toBe(1)
  expect(logged.join('')).toContain('the witnesses could not be read')
})
