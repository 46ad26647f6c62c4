import { formatLogEntry, type Signer } from '@arc3088/records'
import { parseTlogProof } from '@arc3088/tlog'
import { sql } from 'kysely'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import {
  createEd25519Signer,
  createLogDatabase,
  entryOf,
  expectProven,
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

const indexOf = (proof: string | undefined): number | undefined => parseTlogProof(proof ?? '')?.index

describe('proofs of what was asked for before', () => {
  test('are made against the newest checkpoint, however often the tree has grown since', async () => {
    await using process = openLogProcess(database, { key })
    const names = await queueMany(database, 'early', 5)
    await process.log.drainNow()
    // Sizes at which the tree of the tile, and then the one above it, changes shape.
    for (const [nth, size] of [6, 8, 200, 256, 257, 600].entries()) {
      const { size: before } = await process.log.head()
      await queueMany(database, `grow-${nth}`, size - before, size - before)
      await process.log.drainNow()
      for (const [index, name] of names.entries()) {
        const proof = await process.log.proofOf(recordHashOf(name))
        expect(await expectProven(process.log, name, proof === undefined ? {} : { proof })).toBe(index)
        expect(parseTlogProof(proof ?? '')?.checkpoint).toBe((await process.log.head()).note)
      }
    }
  })

  test('against an earlier checkpoint are made only of what it covers', async () => {
    await using process = openLogProcess(database, { key })
    await queueMany(database, 'early', 300, 300)
    await process.log.drainNow()
    expect(await process.log.keepCheckpoint()).toMatchObject({ size: 300 })
    await queueMany(database, 'late', 300, 300)
    await process.log.drainNow()
    expect(await expectProven(process.log, 'late-7')).toBe(307)
    const hashes = [recordHashOf('early-299'), recordHashOf('late-7')]
    expect((await process.log.proofsOf(hashes)).map(indexOf)).toEqual([299, 307])
    expect((await process.log.proofsOf(hashes, { against: 300 })).map(indexOf)).toEqual([299, undefined])
    const proof = await process.log.proofOf(recordHashOf('early-299'), { against: 300 })
    expect(await expectProven(process.log, 'early-299', proof === undefined ? {} : { proof })).toBe(299)
  })

  test('stay those of the first entry, when a record is entered a second time', async () => {
    await using process = openLogProcess(database, { key })
    await queue(database, ['before', 'twice'])
    await process.log.drainNow()
    expect(await expectProven(process.log, 'twice')).toBe(1)
    await queue(database, ['twice'])
    await process.log.drainNow()
    expect(await expectProven(process.log, 'twice')).toBe(1)
    await using another = openLogProcess(database, { key })
    expect(await expectProven(another.log, 'twice')).toBe(1)
  })
})

test('bundles, tiles and what is queued are stored as they are, so that a stretch can be read alone', async () => {
  await using process = openLogProcess(database, { key })
  await queueMany(database, 'stored', 600, 200)
  const queued = await sql<{ compression: string | null; bytes: number }>`
    select pg_column_compression(entries) as compression, pg_column_size(entries) as bytes from log_queue`.execute(
    database.db,
  )
  expect(queued.rows.map(({ compression }) => compression)).toEqual([null, null, null])
  expect(Math.min(...queued.rows.map(({ bytes }) => bytes))).toBeGreaterThan(20_000)
  await process.log.drainNow()
  const { rows } = await sql<{ level: number; compression: string | null; isWhole: boolean }>`
    select level, pg_column_compression(data) as compression, pg_column_size(data) >= octet_length(data) as "isWhole"
    from log_tile where width = 256 order by level, index`.execute(database.db)
  expect(rows).toEqual([-1, -1, 0, 0].map((level) => ({ level, compression: null, isWhole: true })))
})

describe('proofs of entries that are not as long as each other', () => {
  test('have the entry itself, wherever in its bundle it stands', async () => {
    await using process = openLogProcess(database, { key })
    // Short ones first: going by the mean, each is looked for far behind where it stands.
    const names = Array.from({ length: 256 }, (_, nth) =>
      nth < 200 ? `s${nth}` : `l${nth}-${'x'.repeat(800)}`,
    )
    await queue(database, names)
    await process.log.drainNow()
    const proofs = await process.log.proofsOf(names.map(recordHashOf))
    for (const [index, name] of names.entries()) {
      const proof = proofs[index]
      expect(await expectProven(process.log, name, proof === undefined ? {} : { proof })).toBe(index)
      expect(new TextDecoder().decode(parseTlogProof(proof ?? '')?.extra)).toBe(formatLogEntry(entryOf(name)))
    }
  })

  test('are made of the entry that stands there, though one of the same record stands beside it', async () => {
    await using process = openLogProcess(database, { key })
    const again = { ...entryOf('same'), i: 1_790_000_001 }
    const entries = [entryOf('same', 'status'), entryOf('same'), again].map(formatLogEntry)
    await database.db
      .insertInto('log_queue')
      .values({ entries, queued_at: new Date(0) })
      .execute()
    await process.log.drainNow()
    expect(await expectProven(process.log, 'same')).toBe(1)
    expect(await expectProven(process.log, 'same', { t: 'status' })).toBe(0)
  })
})
