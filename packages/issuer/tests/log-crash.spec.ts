import type { Signer } from '@arc3088/records'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { verifyWholeTree } from '../src/log/check-tree.ts'
import {
  createEd25519Signer,
  createLogDatabase,
  createTestJournal,
  createTestWitness,
  expectProven,
  namesInLog,
  openLogProcess,
  queueMany,
  recordHashOf,
  TEST_ORIGIN,
  witnessedBy,
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

interface Crash {
  readonly step: string
  /** Entries that stand in the stored tree afterwards, of 40 before and 40 that were being appended. */
  readonly stored: 40 | 80
  /** Entries that others may be shown. */
  readonly shown: 40 | 80
  /** Entries that the witness has vouched for. */
  readonly vouched: 40 | 80
}

const TABLE: Crash[] = [
  { step: 'sequencer:read', stored: 40, shown: 40, vouched: 40 },
  { step: 'sequencer:grown', stored: 40, shown: 40, vouched: 40 },
  { step: 'sequencer:written', stored: 40, shown: 40, vouched: 40 },
  { step: 'sequencer:committed', stored: 80, shown: 40, vouched: 40 },
  { step: 'publish:journaled', stored: 80, shown: 40, vouched: 40 },
  { step: 'publish:cosigned', stored: 80, shown: 80, vouched: 80 },
]

describe('a leader that is killed', () => {
  test.each(TABLE)(
    'at $step leaves $stored entries stored, $shown shown, $vouched vouched for; then all, once',
    async (crash) => {
      const journal = createTestJournal()
      const witness = await createTestWitness('w1.example', key)
      const shared = { key, journal, ...witnessedBy([witness], 1) }
      const before = await (async () => {
        await using process = openLogProcess(database, shared)
        const names = await queueMany(database, 'before', 40, 4)
        await process.log.drainNow()
        return names
      })()
      const after = await queueMany(database, 'after', 40, 8)
      {
        await using process = openLogProcess(database, {
          ...shared,
          reached: (step) => {
            if (step === crash.step) throw new Error(`killed at ${step}`)
          },
        })
        await expect(process.log.drainNow()).rejects.toThrow(`killed at ${crash.step}`)
      }
      // What anybody could see meanwhile.
      expect(await database.db.selectFrom('log_state').select('size').executeTakeFirstOrThrow()).toEqual({
        size: crash.stored,
      })
      {
        await using reader = openLogProcess(database, shared)
        const head = await reader.log.head()
        expect([head.size, head.witnessed?.size, witness.seen.size]).toEqual([crash.shown, 40, crash.vouched])
        expect(await reader.log.entries(0, 100)).toHaveLength(crash.shown)
        expect(await reader.log.proofOf(recordHashOf('after-0'))).toBeUndefined()
        expect(await expectProven(reader.log, 'before-7', { witnesses: [witness.address.vkey] })).toBe(7)
      }
      // And what holds when the next process has led.
      await using process = openLogProcess(database, shared)
      await process.log.drainNow()
      expect(await namesInLog(process.log)).toEqual([...before, ...after])
      for (const [index, name] of [...before, ...after].entries()) {
        expect(await expectProven(process.log, name, { witnesses: [witness.address.vkey] })).toBe(index)
      }
      expect(await verifyWholeTree(database.db, { origin: TEST_ORIGIN })).toMatchObject({
        kind: 'sound',
        size: 80,
      })
      expect(await database.db.selectFrom('log_queue').select('id').execute()).toEqual([])
      expect(process.contradictions).toEqual([])
      // The journal has every entry, in order and without a gap; some perhaps twice.
      const journaled: string[] = []
      for (const line of journal.lines) {
        if (!('entries' in line)) continue
        expect(line.from).toBeLessThanOrEqual(journaled.length)
        journaled.splice(line.from, journaled.length, ...line.entries)
      }
      expect(journaled).toEqual(await process.log.entries(0, 80))
    },
  )

  test.each(TABLE)('at $step is followed by the loop itself, which leads again', async ({ step }) => {
    let kills = 0
    const witness = await createTestWitness('w1.example', key)
    await using process = openLogProcess(database, {
      key,
      ...witnessedBy([witness], 1),
      reached(now) {
        if (now === step && kills < 3) {
          kills += 1
          throw new Error(`killed at ${now}`)
        }
      },
    })
    process.log.start()
    const names = await queueMany(database, 'again', 20, 2)
    await expect.poll(async () => (await process.log.head()).witnessed?.size).toBe(20)
    // After a commit there is nothing left to be killed at a second time.
    expect(kills).toBeGreaterThanOrEqual(step === 'sequencer:committed' ? 1 : 3)
    expect(await namesInLog(process.log)).toEqual(names)
  })
})
