import type { Signer } from '@arc3088/records'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parseNote } from '@arc3088/tlog'

import {
  createEd25519Signer,
  createLogDatabase,
  createTestWitness,
  expectProven,
  openLogProcess,
  queue,
  queueMany,
  recordHashOf,
  witnessedBy,
  type LogDatabase,
  type TestWitness,
} from './test-log-process.ts'

let key: Signer
let database: LogDatabase
let witness: TestWitness

beforeAll(async () => {
  key = await createEd25519Signer()
})
beforeEach(async () => {
  database = await createLogDatabase()
  witness = await createTestWitness('w1.example', key)
})
afterEach(async () => {
  await database.drop()
})

const witnessedSize = async (log: { head(): Promise<{ witnessed?: { size: number } }> }) =>
  (await log.head()).witnessed?.size

describe('witnesses of the log', () => {
  test('a record is proven only once a checkpoint over it has its quorum', async () => {
    let isUp = false
    const parts = witnessedBy([witness], 1)
    await using process = openLogProcess(database, {
      key,
      ...parts,
      askWitness: (address, request) =>
        isUp ? parts.askWitness(address, request) : Promise.resolve({ kind: 'unreachable', detail: 'down' }),
    })
    await queue(database, ['a'])
    await process.log.drainNow()
    expect(await process.log.proofOf(recordHashOf('a'))).toBeUndefined()
    expect((await process.log.head()).size).toBe(1)
    isUp = true
    process.log.start()
    await expect.poll(() => witnessedSize(process.log)).toBe(1)
    expect(await expectProven(process.log, 'a', { witnesses: [witness.address.vkey] })).toBe(0)
    const kept = await process.log.keepCheckpoint()
    expect(kept?.witnessedAt).toBeInstanceOf(Date)
  })

  test('a checkpoint of the key before is witnessed though the key was changed meanwhile and nothing follows', async () => {
    const next = await createEd25519Signer()
    let [current, isUp] = [key, false]
    const parts = witnessedBy([witness], 1)
    await using process = openLogProcess(database, {
      key,
      signer: () => current,
      publishedKeys: () => [next.publicJwk, key.publicJwk],
      ...parts,
      askWitness: (address, request) =>
        isUp ? parts.askWitness(address, request) : Promise.resolve({ kind: 'unreachable', detail: 'down' }),
    })
    await queue(database, ['a'])
    await process.log.drainNow()
    ;[current, isUp] = [next, true]
    process.log.start()
    await expect.poll(() => witnessedSize(process.log)).toBe(1)
  })

  test('a checkpoint is witnessed by itself after each change', async () => {
    await using process = openLogProcess(database, { key, ...witnessedBy([witness], 1) })
    process.log.start()
    await queue(database, ['once'])
    await expect.poll(() => witnessedSize(process.log)).toBe(1)
    await queue(database, ['and again'])
    await expect.poll(() => witnessedSize(process.log)).toBe(2)
  })

  test('a witness that never answers holds up neither draining nor a quorum that others make', async () => {
    const other = await createTestWitness('w2.example', key)
    const parts = witnessedBy([witness, other], 1)
    await using process = openLogProcess(database, {
      key,
      ...parts,
      askWitness: (address, request) =>
        address.url === 'https://w2.example/'
          ? new Promise(() => undefined)
          : parts.askWitness(address, request),
    })
    process.log.start()
    for (let size = 1; size <= 3; size += 1) {
      await queue(database, [`n-${size}`])
      await expect.poll(() => witnessedSize(process.log)).toBe(size)
    }
    expect(other.cosigned).toEqual([])
  })

  test('a quorum of two needs both, and the note carries both', async () => {
    const other = await createTestWitness('w2.example', key)
    await using process = openLogProcess(database, { key, ...witnessedBy([witness, other], 2) })
    await queue(database, ['a'])
    await process.log.drainNow()
    const note = (await process.log.head()).witnessed?.note ?? ''
    expect(
      parseNote(note)
        ?.signatures.map(({ name }) => name)
        .toSorted(),
    ).toEqual(['p1.example/tlog', 'w1.example', 'w2.example'])
    expect(
      await expectProven(process.log, 'a', {
        witnesses: [witness, other].map(({ address }) => address.vkey),
      }),
    ).toBe(0)
  })

  test('a checkpoint gains the cosignature of who witnesses from now on, though nothing is appended', async () => {
    const other = await createTestWitness('w2.example', key)
    const parts = witnessedBy([witness, other], 1)
    let present = [witness]
    await using process = openLogProcess(database, {
      key,
      ...parts,
      witnesses: () => Promise.resolve(present.map(({ address }) => address)),
    })
    await queue(database, ['a'])
    process.log.start()
    await expect.poll(() => witnessedSize(process.log)).toBe(1)
    const before = (await process.log.head()).witnessed
    present = [other]
    await expect.poll(async () => (await process.log.head()).witnessed?.note).not.toBe(before?.note)
    const after = (await process.log.head()).witnessed
    expect(after?.note.startsWith(before?.note ?? '-')).toBe(true)
    expect(after?.witnessedAt).toEqual(before?.witnessedAt)
    await expectProven(process.log, 'a', { witnesses: [other.address.vkey] })
    await expectProven(process.log, 'a', { witnesses: [witness.address.vkey] })
    expect([witness.cosigned, other.cosigned]).toEqual([[1], [1]])
  })

  test('while none is demanded yet, what was seen is proved with its cosignature, and the rest without', async () => {
    let [isUp, demanded] = [true, 0]
    const parts = witnessedBy([witness], 1)
    await using process = openLogProcess(database, {
      key,
      ...parts,
      demanded: () => demanded,
      askWitness: (address, request) =>
        isUp ? parts.askWitness(address, request) : Promise.resolve({ kind: 'unreachable', detail: 'down' }),
    })
    await queue(database, ['seen'])
    await process.log.drainNow()
    isUp = false
    await queue(database, ['unseen'])
    await process.log.drainNow()
    const witnesses = [witness.address.vkey]
    const [seen, unseen] = await process.log.proofsOf(['seen', 'unseen'].map(recordHashOf))
    expect(await expectProven(process.log, 'seen', { proof: seen ?? '', witnesses })).toBe(0)
    expect(await expectProven(process.log, 'unseen', { proof: unseen ?? '' })).toBe(1)
    await expect(expectProven(process.log, 'unseen', { proof: unseen ?? '', witnesses })).rejects.toThrow(
      '0 of 1',
    )
    // What is kept for ever has its cosignature, whatever is demanded meanwhile.
    expect((await process.log.keepCheckpoint())?.size).toBe(1)
    demanded = 1
    expect(await process.log.demanded()).toBe(1)
    expect(await process.log.proofOf(recordHashOf('unseen'))).toBeUndefined()
    expect(await expectProven(process.log, 'seen', { witnesses })).toBe(0)
  })

  test('one witness under two names is one witness', async () => {
    const alias = { ...witness, address: { ...witness.address, url: 'https://alias.example/' } }
    await using process = openLogProcess(database, { key, ...witnessedBy([witness, alias], 2) })
    await queue(database, ['a'])
    await process.log.drainNow()
    expect(await witnessedSize(process.log)).toBeUndefined()
  })

  test('superseded checkpoints are skipped: the witness is asked for the newest', async () => {
    let release = (): void => undefined
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const parts = witnessedBy([witness], 1)
    await using process = openLogProcess(database, {
      key,
      ...parts,
      async askWitness(address, request) {
        await gate
        return await parts.askWitness(address, request)
      },
    })
    process.log.start()
    for (let nth = 1; nth <= 5; nth += 1) {
      await queue(database, [`skip-${nth}`])
      await expect.poll(async () => (await process.log.head()).size).toBe(nth)
    }
    release()
    await expect.poll(() => witnessedSize(process.log)).toBe(5)
    expect(witness.cosigned).toEqual([1, 5])
  })

  test('a new leader learns from the witness where it stands', async () => {
    {
      await using process = openLogProcess(database, { key, ...witnessedBy([witness], 1) })
      await queueMany(database, 'first', 10)
      await process.log.drainNow()
    }
    {
      await using process = openLogProcess(database, {
        key,
        ...witnessedBy([witness], 1),
        reached(step) {
          if (step === 'publish:cosigned') throw new Error('killed')
        },
      })
      await queueMany(database, 'second', 10)
      await expect(process.log.drainNow()).rejects.toThrow('killed')
    }
    // It cosigned what no process remembers.
    expect(witness.seen.size).toBe(20)
    await using process = openLogProcess(database, { key, ...witnessedBy([witness], 1) })
    await queueMany(database, 'third', 10)
    await process.log.drainNow()
    expect([await witnessedSize(process.log), witness.cosigned]).toEqual([30, [10, 20, 30]])
    expect(process.contradictions).toEqual([])
  })

  test('a witness that has seen more than the tree has means that the tree was rolled back: the loop stops', async () => {
    await using process = openLogProcess(database, { key, ...witnessedBy([witness], 1) })
    await queueMany(database, 'a', 5)
    witness.seen = { size: 100, root: new Uint8Array(32) }
    process.log.start()
    await expect.poll(() => process.contradictions).toHaveLength(1)
    expect(process.contradictions[0]).toMatch(
      /has seen 100 entries of this log, which has 5: it was rolled back/,
    )
    await queue(database, ['never'])
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(await database.db.selectFrom('log_state').select('size').executeTakeFirst()).toEqual({ size: 5 })
    await expect(process.log.drainNow()).rejects.toThrow('rolled back')
  })

  test.each([
    ['of the same size', 5],
    ['of fewer entries', 3],
  ])(
    'a witness that has seen another tree %s means that the log has forked: the loop stops',
    async (_, size) => {
      await using process = openLogProcess(database, { key, ...witnessedBy([witness], 1) })
      await queueMany(database, 'a', 5)
      witness.seen = { size, root: new Uint8Array(32) }
      await expect(process.log.drainNow()).rejects.toThrow('forked')
      expect(process.contradictions).toHaveLength(1)
    },
  )

  test('a witness that refuses is asked again later, and what it said is no contradiction', async () => {
    let refusals = 2
    const parts = witnessedBy([witness], 1)
    await using process = openLogProcess(database, {
      key,
      ...parts,
      async askWitness(address, request) {
        if (refusals === 0) return await parts.askWitness(address, request)
        refusals -= 1
        return { kind: 'refused', status: 403, detail: 'unknown log' }
      },
    })
    await queue(database, ['a'])
    process.log.start()
    await expect.poll(() => witnessedSize(process.log)).toBe(1)
    expect(process.contradictions).toEqual([])
  })
})
