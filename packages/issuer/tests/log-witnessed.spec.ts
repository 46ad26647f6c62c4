import { openOutboundDoor, systemAmbient } from '@arc3088/service'
import { waitFor } from '@arc3088/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { logOrigin, logVkey } from '../src/witness/log-identity.ts'
import { createWitnessAsker } from '../src/witness/ask-witness.ts'
import type { Signer } from '@arc3088/records'
import {
  createEd25519Signer,
  createLogDatabase,
  expectProven,
  openLogProcess,
  queueMany,
  recordHashOf,
  type LogDatabase,
} from './test-log-process.ts'
import { startWitness, type TestWitness } from './test-witness.ts'

const ENTITY = 'https://p1.example'

let key: Signer
let witnessKey: Signer
let witnessDatabase: LogDatabase
let witness: TestWitness
let database: LogDatabase
const door = openOutboundDoor({ allowLoopbackHttp: true }, { secondsMax: 5 })

beforeAll(async () => {
  key = await createEd25519Signer()
  witnessKey = await createEd25519Signer()
})
beforeEach(async () => {
  witnessDatabase = await createLogDatabase()
  database = await createLogDatabase()
  witness = await startWitness(witnessDatabase, {
    key: witnessKey,
    watched: new Map([[logOrigin(ENTITY), { vkeys: [logVkey(ENTITY, key.publicJwk)] }]]),
  })
})
afterEach(async () => {
  await witness[Symbol.asyncDispose]()
  await witnessDatabase.drop()
  await database.drop()
})
afterAll(() => door.close())

function open(over: LogDatabase) {
  return openLogProcess(over, {
    key,
    witnesses: () => Promise.resolve([{ vkey: witness.cosigner.vkey, url: witness.url }]),
    quorum: () => 1,
    askWitness: createWitnessAsker(door, systemAmbient()),
  })
}

/** A database put back to an older backup: the same log, with the first `count` entries of it, or others. */
async function restored(prefix: string, count: number): Promise<LogDatabase> {
  const older = await createLogDatabase()
  await queueMany(older, prefix, count, 10)
  await using process = openLogProcess(older, { key })
  await process.log.drainNow()
  return older
}

describe('a log and a node that witnesses it, over HTTP', () => {
  test('prove a record with a cosignature, from size to size and after a restart', async () => {
    for (const [round, count] of [300, 1, 700].entries()) {
      await using process = open(database)
      await queueMany(database, `round-${round}`, count, 50)
      await process.log.drainNow()
      const last = `round-${round}-${count - 1}`
      expect(await expectProven(process.log, last, { witnesses: [witness.cosigner.vkey] })).toBe(
        (await process.log.head()).size - 1,
      )
    }
  })

  test('prove what was logged before there was a witness, as soon as there is one, though nothing is appended', async () => {
    let appointed = false
    await using process = openLogProcess(database, {
      key,
      witnesses: () => Promise.resolve(appointed ? [{ vkey: witness.cosigner.vkey, url: witness.url }] : []),
      quorum: () => (appointed ? 1 : 0),
      askWitness: createWitnessAsker(door, systemAmbient()),
    })
    process.log.start()
    await queueMany(database, 'alone', 20, 5)
    await waitFor(async () => (await process.log.head()).size === 20, { what: 'the log' })
    expect((await process.log.head()).witnessed).toBeUndefined()
    appointed = true
    await waitFor(async () => (await process.log.head()).witnessed?.size === 20, { what: 'the cosignature' })
    await expectProven(process.log, 'alone-19', { witnesses: [witness.cosigner.vkey] })
    expect((await process.log.head()).size).toBe(20)
  })

  test('notice a database that was put back to an older backup', async () => {
    {
      await using process = open(database)
      await queueMany(database, 'true', 100, 10)
      await process.log.drainNow()
    }
    await using older = await restored('true', 40)
    await using process = open(older)
    await expect(process.log.drainNow()).rejects.toThrow('it was rolled back')
    expect(process.contradictions).toHaveLength(1)
    expect(await process.log.proofOf(recordHashOf('true-3'))).toBeUndefined()
  })

  test.each([
    ['longer than what was witnessed', 150],
    ['of the same size', 100],
  ])('notice a log that grew otherwise after a restore, %s', async (_, count) => {
    {
      await using process = open(database)
      await queueMany(database, 'true', 100, 10)
      await process.log.drainNow()
    }
    await using older = await restored('other', count)
    await using process = open(older)
    await expect(process.log.drainNow()).rejects.toThrow('has forked')
    expect(process.contradictions).toHaveLength(1)
  })
})
