import { RegistryError } from '@arc3088/problems'
import { readAssignmentRecord } from '@arc3088/records'
import type { TestDatabase } from '@arc3088/testkit'
import { sql, type Transaction } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { createBatchAssigner, type IssuerTables } from '../src/index.ts'
import { countRows, createIssuerDatabase, smallestTier, startProcess, submit } from './test-issuer.ts'

let database: TestDatabase<IssuerTables>
beforeEach(async () => {
  database = await createIssuerDatabase()
})
afterEach(async () => {
  await database.drop()
})

const STEPS = [
  'assignment:locked',
  'assignment:judged',
  'assignment:signed',
  'assignment:written',
  'assignment:committed',
]

function codeOf(result: PromiseSettledResult<unknown>): string {
  if (result.status === 'fulfilled') return 'assigned'
  return result.reason instanceof RegistryError ? result.reason.code : String(result.reason)
}

describe('one assignment', () => {
  test('writes ledger, record, idempotency and log entry together, and the record says what was assigned', async () => {
    await using node = await startProcess(database)
    const { subject, record } = await node.assign(submit('k1', { wish: 7 }))
    expect(subject.text).toBe('1.2.156.3088.1.1.7')
    const read = readAssignmentRecord(record)
    expect(read.kind === 'read' && read.claims).toMatchObject({
      iss: 'https://p1.example',
      sub: '1.2.156.3088.1.1.7',
      code_assignment: { level: 'requester', provider: '1', requester: '7', parent: '1.2.156.3088.1.1' },
      status: { status_list: { uri: 'https://p1.example/status/0' } },
    })
    expect(await countRows(database)).toEqual({
      code_ledger: 1,
      assignment_record: 1,
      idempotency: 1,
      queued: 1,
    })
  })

  test('gives a retry the same bytes, in the same process and in another', async () => {
    await using node = await startProcess(database)
    await using other = await startProcess(database)
    const first = await node.assign(submit('k1'))
    const retries = [await node.assign(submit('k1')), await other.assign(submit('k1'))]
    expect(retries.map(({ record }) => record)).toEqual([first.record, first.record])
    expect(retries.map(({ replayed }) => replayed)).toEqual([true, true])
    expect((await countRows(database))['code_ledger']).toBe(1)
  })

  test('refuses a key that stands for another request', async () => {
    await using node = await startProcess(database)
    await node.assign(submit('k1', { wish: 7 }))
    await expect(node.assign(submit('k1', { wish: 8 }))).rejects.toMatchObject({
      code: 'idempotency-key-reused',
    })
  })

  test('refuses a chosen number outside the ranges for choosing, and a refused request leaves nothing', async () => {
    await using node = await startProcess(database)
    await expect(node.assign(submit('k1', { wish: 1000 }))).rejects.toMatchObject({
      code: 'number-out-of-plan',
    })
    await expect(node.assign(submit('k2', { refuse: true }))).rejects.toMatchObject({
      code: 'requester-state',
    })
    expect(await countRows(database)).toEqual({
      code_ledger: 0,
      assignment_record: 0,
      idempotency: 0,
      queued: 0,
    })
  })
})

describe('many at once', () => {
  test('gives every request its own code, and equal requests in flight the same bytes', async () => {
    await using node = await startProcess(database)
    await using other = await startProcess(database)
    const keys = Array.from({ length: 300 }, (_, nth) => `k${nth % 200}`)
    const made = await Promise.all(keys.map((key, nth) => (nth % 2 === 0 ? node : other).assign(submit(key))))
    const byKey = new Map<string, Set<string>>()
    keys.forEach((key, nth) => byKey.set(key, (byKey.get(key) ?? new Set()).add(made[nth]?.record ?? '')))
    expect([...byKey.values()].filter((records) => records.size !== 1)).toEqual([])
    expect(new Set(made.map(({ subject }) => subject.text)).size).toBe(200)
    expect(await countRows(database)).toEqual({
      code_ledger: 200,
      assignment_record: 200,
      idempotency: 200,
      queued: 200,
    })
  })

  test('gives one key raced by two processes one code', async () => {
    await using node = await startProcess(database)
    await using other = await startProcess(database)
    for (let round = 0; round < 20; round++) {
      const [a, b] = await Promise.all([node.assign(submit(`r${round}`)), other.assign(submit(`r${round}`))])
      expect(a.record).toBe(b.record)
    }
    expect((await countRows(database))['code_ledger']).toBe(20)
  })

  test('gives one key that chooses its number, raced by two processes, its own code and never code-taken', async () => {
    await using node = await startProcess(database)
    await using other = await startProcess(database)
    for (let wish = 1; wish <= 20; wish++) {
      const tries = await Promise.allSettled(
        [node, other].map((one) => one.assign(submit(`w${wish}`, { wish }))),
      )
      expect(tries.map(codeOf)).toEqual(['assigned', 'assigned'])
    }
    expect((await countRows(database))['code_ledger']).toBe(20)
  })

  test('gives a contested number to exactly one of many, across processes', async () => {
    await using node = await startProcess(database)
    await using other = await startProcess(database)
    const results = await Promise.allSettled(
      Array.from({ length: 64 }, (_, nth) =>
        (nth % 2 === 0 ? node : other).assign(submit(`c${nth}`, { wish: 42 })),
      ),
    )
    expect(results.map(codeOf).toSorted()).toEqual(['assigned', ...Array<string>(63).fill('code-taken')])
  })

  test('fails a batch that waited too long at once, and does not let its halves wait again', async () => {
    await using node = await startProcess(database)
    let waits = 0
    const tier = {
      ...smallestTier,
      async readFacts(tx: Transaction<IssuerTables>) {
        waits++
        await sql`set local statement_timeout = 20`.execute(tx)
        await sql`select pg_sleep(10)`.execute(tx)
        return null
      },
    }
    const assign = createBatchAssigner(tier, { db: database.db, supply: node.supply, issuing: node.issuing })
    const settled = await assign(['t1', 't2', 't3', 't4'].map((key) => submit(key)))
    expect(settled).toMatchObject(
      Array.from({ length: 4 }, () => ({ kind: 'failed', error: { code: 'service-unavailable' } })),
    )
    expect(waits).toBe(1)
  })

  test('lets a request that fails its statement fail alone', async () => {
    await using node = await startProcess(database)
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, nth) =>
        node.assign(submit(`p${nth}`, nth === 17 ? { poison: true } : {})),
      ),
    )
    expect(results.filter((result) => result.status === 'rejected')).toHaveLength(1)
    expect(results[17]?.status).toBe('rejected')
    expect((await countRows(database))['assignment_record']).toBe(49)
  })
})

describe('a crash', () => {
  test.each(STEPS)('at %s leaves all or nothing, and a retry finds the code or gets one', async (step) => {
    await using crashing = await startProcess(database, {
      reached(at) {
        if (at === step) throw new Error('killed here')
      },
    })
    await expect(crashing.assign(submit('k1'))).rejects.toThrow('killed here')
    const survived = step === 'assignment:committed' ? 1 : 0
    expect(await countRows(database)).toEqual({
      code_ledger: survived,
      assignment_record: survived,
      idempotency: survived,
      queued: survived,
    })
    await using restarted = await startProcess(database)
    const { replayed } = await restarted.assign(submit('k1'))
    expect(replayed).toBe(step === 'assignment:committed')
    expect((await countRows(database))['code_ledger']).toBe(1)
  })

  test('of the connection within a transaction is retried from the start, and assigns once', async () => {
    let tries = 0
    await using node = await startProcess(database, {
      reached(step) {
        // The words of the driver for a server that went away; nothing of the transaction is left by then.
        if (step === 'assignment:written' && tries++ === 0)
          throw new Error('Connection terminated unexpectedly')
      },
    })
    const { replayed } = await node.assign(submit('k1'))
    expect([replayed, tries]).toEqual([false, 2])
    expect((await countRows(database))['code_ledger']).toBe(1)
  })
  test('of the database for good refuses the whole batch as unavailable, and the same keys work later', async () => {
    let isDown = true
    let tries = 0
    await using node = await startProcess(database, {
      reached(step) {
        if (step !== 'assignment:locked' || !isDown) return
        tries++
        throw new Error('Connection terminated unexpectedly')
      },
    })
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, nth) => node.assign(submit(`k${nth}`))),
    )
    expect(new Set(results.map(codeOf))).toEqual(new Set(['service-unavailable']))
    expect(tries).toBe(5)
    isDown = false
    expect((await node.assign(submit('k0'))).replayed).toBe(false)
  })
})
