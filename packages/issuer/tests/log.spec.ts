import { formatLogEntry, type Signer } from '@arc3088/records'
import { EMPTY_ROOT, parseCheckpoint, parseNote, parseTlogProof } from '@arc3088/tlog'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { pruneCheckpoints } from '../src/log/log-checkpoint.store.ts'
import {
  createEd25519Signer,
  createLogDatabase,
  createTestJournal,
  entryOf,
  expectProven,
  namesInLog,
  openLogProcess,
  queue,
  queueMany,
  recordHashOf,
  type LogDatabase,
} from './test-log-process.ts'

let key: Signer
let database: LogDatabase

beforeAll(async () => {
  key = await createEd25519Signer()
})
beforeEach(async () => {
  database = await createLogDatabase()
})
afterEach(async () => {
  await database.drop()
})

describe('the log of a node', () => {
  test('is signed as empty before anything was appended', async () => {
    await using process = openLogProcess(database, { key })
    const { size, root, note, witnessed } = await process.log.head()
    expect([size, root, witnessed]).toEqual([0, Buffer.from(EMPTY_ROOT).toString('base64url'), undefined])
    expect(parseCheckpoint(parseNote(note)?.body ?? '')).toMatchObject({ size: 0, origin: 'p1.example/tlog' })
    expect(await process.log.proofOf(recordHashOf('a'))).toBeUndefined()
    expect(await process.log.keepCheckpoint()).toBeUndefined()
  })

  test('takes every queued entry once, in the order of the queue, and empties the queue', async () => {
    await using process = openLogProcess(database, { key })
    const names = [
      ...(await queueMany(database, 'single', 300)),
      ...(await queueMany(database, 'rows', 700, 70)),
    ]
    await process.log.drainNow()
    expect(await namesInLog(process.log)).toEqual(names)
    expect(await database.db.selectFrom('log_queue').select('id').execute()).toEqual([])
    await process.log.drainNow()
    expect((await process.log.head()).size).toBe(1000)
  })

  test('takes a row of more entries than one transaction takes as a whole', async () => {
    await using process = openLogProcess(database, { key })
    await queue(database, ['before'])
    const names = await queueMany(database, 'large', 9000, 9000)
    await queueMany(database, 'after', 20)
    await process.log.drainNow()
    const found = await namesInLog(process.log)
    expect(found.slice(0, 9001)).toEqual(['before', ...names])
    expect(found).toHaveLength(9021)
    expect(await expectProven(process.log, 'large-8999')).toBe(9000)
  })

  test('proves each entry to a verifier, with the entry itself beside the proof', async () => {
    await using process = openLogProcess(database, { key })
    const names = await queueMany(database, 'proven', 600, 37)
    await process.log.drainNow()
    const proofs = await process.log.proofsOf(names.map(recordHashOf))
    for (const [index, name] of names.entries()) {
      const proof = proofs[index]
      expect(await expectProven(process.log, name, proof === undefined ? {} : { proof })).toBe(index)
    }
    const extra = parseTlogProof(proofs[5] ?? '')?.extra
    expect(new TextDecoder().decode(extra)).toBe(formatLogEntry(entryOf('proven-5')))
  })

  test('has no proof for a record that it does not have, nor for an entry of another type', async () => {
    await using process = openLogProcess(database, { key })
    await queue(database, ['known'])
    await process.log.drainNow()
    expect(await process.log.proofsOf([recordHashOf('unknown'), recordHashOf('known')])).toEqual([
      undefined,
      expect.stringContaining('c2sp.org/tlog-proof@v1'),
    ])
    expect(await process.log.proofOf(recordHashOf('known'), { type: 'status' })).toBeUndefined()
    expect(await process.log.proofsOf([])).toEqual([])
  })

  test('tells two records apart that share the first eight bytes of their hashes', async () => {
    await using process = openLogProcess(database, { key })
    const [first, second] = [recordHashOf('first'), recordHashOf('first')]
    second[31] = (second[31] ?? 0) ^ 1
    const twin = { ...entryOf('twin'), h: second.toString('base64url') }
    await queue(database, ['first'])
    await database.db
      .insertInto('log_queue')
      .values({ entries: [formatLogEntry(twin)], queued_at: new Date(0) })
      .execute()
    await process.log.drainNow()
    const [proofOfFirst, proofOfSecond] = await process.log.proofsOf([first, second])
    expect([proofOfFirst, proofOfSecond].map((proof) => parseTlogProof(proof ?? '')?.index)).toEqual([0, 1])
  })

  test('tells the entries of one record apart by their types', async () => {
    await using process = openLogProcess(database, { key })
    const entries = [formatLogEntry(entryOf('one', 'status')), formatLogEntry(entryOf('one', 'assign'))]
    await database.db
      .insertInto('log_queue')
      .values({ entries, queued_at: new Date(0) })
      .execute()
    await process.log.drainNow()
    expect(await expectProven(process.log, 'one', { t: 'assign' })).toBe(1)
    expect(await expectProven(process.log, 'one', { t: 'status' })).toBe(0)
  })

  test('proves against a kept checkpoint long after it was superseded', async () => {
    await using process = openLogProcess(database, { key })
    await queueMany(database, 'early', 10)
    await process.log.drainNow()
    const kept = await process.log.keepCheckpoint()
    await queueMany(database, 'late', 300, 10)
    await process.log.drainNow()
    expect(kept).toMatchObject({ size: 10 })
    const proof = await process.log.proofOf(recordHashOf('early-3'), { against: 10 })
    expect(parseTlogProof(proof ?? '')?.checkpoint).toBe(kept?.note)
    expect(await expectProven(process.log, 'early-3', proof === undefined ? {} : { proof })).toBe(3)
    expect(await process.log.proofOf(recordHashOf('late-3'), { against: 10 })).toBeUndefined()
    expect(await process.log.proofOf(recordHashOf('early-3'), { against: 11 })).toBeUndefined()
  })

  test('has every entry and checkpoint in the journal before it shows them', async () => {
    const journal = createTestJournal()
    let isJournaling = true
    const gated = {
      ...journal,
      async appended(drain: { from: number; entries: readonly string[] }) {
        if (!isJournaling) throw new Error('the disk is full')
        await journal.appended(drain)
      },
    }
    await using process = openLogProcess(database, { key, journal: gated })
    await queueMany(database, 'first', 300, 100)
    await process.log.drainNow()
    isJournaling = false
    await queueMany(database, 'second', 10)
    await expect(process.log.drainNow()).rejects.toThrow('the disk is full')
    await using other = openLogProcess(database, { key })
    expect((await other.log.head()).size).toBe(300)
    expect(await other.log.entries(290, 400)).toHaveLength(10)
    expect(await other.log.tile({ level: 0, index: 1, width: 50 })).toBeUndefined()
    expect(await other.log.proofOf(recordHashOf('second-0'))).toBeUndefined()
    isJournaling = true
    await process.log.drainNow()
    expect((await process.log.head()).size).toBe(310)
    const journaled = journal.lines.flatMap((line) => ('entries' in line ? line.entries : []))
    expect(journaled).toEqual(await process.log.entries(0, 310))
  })

  test('refuses to sign what is no entry, and keeps it in the queue', async () => {
    await using process = openLogProcess(database, { key })
    await queue(database, ['good'])
    await database.db
      .insertInto('log_queue')
      .values({ entries: ['{"v":1}'], queued_at: new Date(0) })
      .execute()
    await expect(process.log.drainNow()).rejects.toThrow('no entry')
    expect((await process.log.head()).size).toBe(0)
    expect(await database.db.selectFrom('log_queue').select('id').execute()).toHaveLength(2)
  })

  test('is not written while the node only reads', async () => {
    await using process = openLogProcess(database, { key, gate: { mode: () => ({ readOnly: 'as asked' }) } })
    await queue(database, ['waits'])
    await expect(process.log.drainNow()).rejects.toThrow('only reads')
    process.log.start()
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect((await process.log.head()).size).toBe(0)
  })

  test('never changes its name', async () => {
    await using process = openLogProcess(database, { key })
    await queue(database, ['a'])
    await process.log.drainNow()
    await using renamed = openLogProcess(database, { key, origin: 'other.example/tlog' })
    await queue(database, ['b'])
    await expect(renamed.log.drainNow()).rejects.toThrow('not other.example/tlog')
  })

  test('keeps the thousand newest checkpoints and the kept ones, whatever was signed', async () => {
    await using process = openLogProcess(database, { key })
    await queue(database, ['first'])
    await process.log.drainNow()
    await process.log.keepCheckpoint()
    const { note } = await process.log.head()
    await database.db
      .insertInto('log_checkpoint')
      .values(
        Array.from({ length: 1200 }, (_, nth) => ({
          size: nth + 2,
          note,
          signed_at: new Date(0),
          published_at: new Date(0),
          witnessed_at: null,
        })),
      )
      .execute()
    await pruneCheckpoints(database.db, 1000)
    const left = await database.db.selectFrom('log_checkpoint').select('size').orderBy('size').execute()
    expect([left.length, left[0]?.size, left[1]?.size, left.at(-1)?.size]).toEqual([1001, 1, 202, 1201])
  })
})
