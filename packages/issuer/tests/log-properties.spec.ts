import { createMemorySigner, generateSigningKey } from '@arc3088/records'
import {
  parseCheckpoint,
  parseNote,
  tilesForConsistency,
  consistencyProof,
  verifyConsistency,
  type ParsedCheckpoint,
} from '@arc3088/tlog'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { verifyWholeTree } from '../src/log/check-tree.ts'
import { createTileReader } from '../src/log/tile-reader.ts'
import {
  createLogDatabase,
  createTestJournal,
  expectProven,
  namesInLog,
  openLogProcess,
  queue,
  recordHashOf,
  TEST_ORIGIN,
} from './test-log-process.ts'

const STEPS = [
  'sequencer:read',
  'sequencer:grown',
  'sequencer:written',
  'sequencer:committed',
  'publish:journaled',
] as const

/** Batches of one writer, each as a transaction of so many entries. */
const writer = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 8 })
/** A leader is killed at the step, the so-manieth time that anybody reaches it. */
const crash = fc.record({ step: fc.constantFrom(...STEPS), nth: fc.integer({ min: 1, max: 6 }) })

test('whatever is queued by whomever, wherever leaders are killed, the log has each entry once and proves it', async () => {
  const { privateJwk } = await generateSigningKey('Ed25519')
  const key = await createMemorySigner({ alg: 'Ed25519', privateJwk })
  await fc.assert(
    fc.asyncProperty(
      fc.array(writer, { minLength: 1, maxLength: 4 }),
      fc.array(crash, { maxLength: 8 }),
      async (writers, crashes) => {
        await using database = await createLogDatabase()
        const journal = createTestJournal()
        const counts = new Map<string, number>()
        const reached = (step: string): void => {
          const nth = (counts.get(step) ?? 0) + 1
          counts.set(step, nth)
          if (crashes.some((planned) => planned.step === step && planned.nth === nth)) {
            throw new Error(`killed at ${step}`)
          }
        }
        const processes = [1, 2].map(() => openLogProcess(database, { key, journal, reached }))
        for (const process of processes) process.log.start()
        const written = await Promise.all(
          writers.map(async (batches, nth) => {
            const names: string[] = []
            for (const [batch, count] of batches.entries()) {
              const rows = Array.from({ length: count }, (_, row) => `w${nth}-${batch}-${row}`)
              await queue(database, rows)
              names.push(...rows)
            }
            return names
          }),
        )
        const [reader] = processes
        const all = written.flat()
        if (reader === undefined) throw new Error('there is a process')
        await expect.poll(async () => (await reader.log.head()).size).toBe(all.length)
        const logged = await namesInLog(reader.log)
        expect(logged.toSorted()).toEqual(all.toSorted())
        // What one writer wrote stands in its order.
        for (const [nth, names] of written.entries()) {
          expect(logged.filter((name) => name.startsWith(`w${nth}-`))).toEqual(names)
        }
        const proofs = await reader.log.proofsOf(logged.map(recordHashOf))
        for (const [index, name] of logged.entries()) {
          const proof = proofs[index]
          expect(await expectProven(reader.log, name, proof === undefined ? {} : { proof })).toBe(index)
        }
        await expectOneTree(
          journal.lines.flatMap((line) => ('note' in line ? [line.note] : [])),
          async (from, to) => {
            const tiles = createTileReader(database.db)
            return consistencyProof(from, to, await tiles.load(tilesForConsistency(from, to)))
          },
        )
        expect(await verifyWholeTree(database.db, { origin: TEST_ORIGIN })).toMatchObject({ kind: 'sound' })
        for (const process of processes) {
          expect(process.contradictions).toEqual([])
          await process[Symbol.asyncDispose]()
        }
      },
    ),
    { numRuns: 12, seed: 3088 },
  )
})

/** Every checkpoint that was ever published is consistent with every later one. */
async function expectOneTree(
  notes: readonly string[],
  prove: (from: number, to: number) => Promise<Uint8Array[]>,
): Promise<void> {
  const checkpoints = notes
    .map((note) => parseCheckpoint(parseNote(note)?.body ?? ''))
    .filter((checkpoint): checkpoint is ParsedCheckpoint => checkpoint !== undefined)
    .toSorted((a, b) => a.size - b.size)
  expect(checkpoints).toHaveLength(notes.length)
  for (const [nth, from] of checkpoints.entries()) {
    for (const to of checkpoints.slice(nth)) {
      const proof = await prove(from.size, to.size)
      const claim = { fromSize: from.size, fromRoot: from.root, toSize: to.size, toRoot: to.root, proof }
      expect(verifyConsistency(claim)).toBe(true)
    }
  }
}
