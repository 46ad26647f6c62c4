import type { Signer } from '@arc3088/records'
import { waitFor } from '@arc3088/testkit'
import { sql } from 'kysely'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { verifyWholeTree } from '../src/log/check-tree.ts'
import { beginTerm, lockLogState, tryLeaderLock } from '../src/log/log-leader.store.ts'
import { createSequencer } from '../src/log/sequencer.ts'
import { createCheckpointSigner } from '../src/log/checkpoint-signer.ts'
import { systemAmbient } from '@arc3088/service'
import { connect } from '@arc3088/db'
import type { IssuerTables } from '../src/db/tables.ts'
import {
  createEd25519Signer,
  createLogDatabase,
  namesInLog,
  openLogProcess,
  queue,
  queueMany,
  TEST_ORIGIN,
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

/** Ends the session of whoever holds the leader's lock, as a broken network or a failover does. */
async function killLeader(): Promise<number> {
  const { rows } = await sql<{ ended: boolean }>`
    select pg_terminate_backend(pid) as ended from pg_locks
    where locktype = 'advisory' and granted and classid = 3088 and objid = 190
      and database = (select oid from pg_database where datname = current_database())`.execute(database.db)
  return rows.length
}

const published = async (size: number, ...logs: { head(): Promise<{ size: number }> }[]): Promise<void> => {
  await waitFor(
    async () => (await Promise.all(logs.map((log) => log.head()))).every((head) => head.size >= size),
    {
      what: `${size} entries to be published`,
    },
  )
}

describe('leading the log', () => {
  test('one of two processes leads; both show what it appended', async () => {
    const heard: number[] = []
    await using one = openLogProcess(database, { key, onAppended: ({ size }) => void heard.push(size) })
    await using two = openLogProcess(database, { key, onAppended: ({ size }) => void heard.push(size) })
    one.log.start()
    two.log.start()
    await waitFor(
      async () => (await database.db.selectFrom('log_state').select('term').execute()).length === 1,
    )
    const names = await queueMany(database, 'shown', 40)
    await published(40, one.log, two.log)
    expect(await namesInLog(two.log)).toEqual(names)
    await waitFor(() => heard.filter((size) => size === 40).length === 2)
    expect(await database.db.selectFrom('log_state').select(['term', 'size']).execute()).toEqual([
      { term: 1, size: 40 },
    ])
  })

  test('another process takes over when the leader’s connection is lost', async () => {
    await using one = openLogProcess(database, { key })
    await using two = openLogProcess(database, { key })
    one.log.start()
    two.log.start()
    await queue(database, ['before'])
    await published(1, one.log)
    expect(await killLeader()).toBe(1)
    await queue(database, ['after'])
    await published(2, one.log, two.log)
    expect(await namesInLog(one.log)).toEqual(['before', 'after'])
  })

  test('another process takes over when the leader is stopped in good order', async () => {
    await using one = openLogProcess(database, { key })
    await using two = openLogProcess(database, { key })
    one.log.start()
    await queue(database, ['before'])
    await published(1, one.log)
    two.log.start()
    await one.log.stop()
    await queue(database, ['after'])
    await published(2, two.log)
    expect(await namesInLog(two.log)).toEqual(['before', 'after'])
  })

  test('a paused leader that wakes after another took over writes nothing', async () => {
    const open = (max: number) =>
      connect<IssuerTables>({
        url: database.appUrl,
        max,
        applicationName: 'paused',
        onIdleError: () => undefined,
      })
    const paused = open(1)
    try {
      await paused.connection().execute(async (session) => {
        expect(await tryLeaderLock(session)).toBe(true)
        const { term } = await beginTerm(session, TEST_ORIGIN)
        const signer = createCheckpointSigner(TEST_ORIGIN, key)
        const sequencer = createSequencer({
          session,
          ambient: systemAmbient(),
          term,
          origin: TEST_ORIGIN,
          signer: () => signer,
        })
        await queue(database, ['by the first'])
        expect((await sequencer.drain())?.size).toBe(1)
        // It sleeps; PostgreSQL gives its lock away, but not yet its session: the worst that can be.
        await sql`select pg_advisory_unlock_all()`.execute(session)
        await using other = openLogProcess(database, { key })
        await queue(database, ['by the second'])
        await other.log.drainNow()
        await queue(database, ['by either'])
        await expect(sequencer.drain()).rejects.toThrow('term 1 is over')
        expect((await other.log.head()).size).toBe(2)
        await other.log.drainNow()
        expect(await namesInLog(other.log)).toEqual(['by the first', 'by the second', 'by either'])
      })
    } finally {
      await paused.destroy()
    }
  })

  test('PostgreSQL ends the session of a leader that has fallen silent', async () => {
    const silent = connect<IssuerTables>({
      url: database.appUrl,
      max: 1,
      applicationName: 'silent',
      onIdleError: () => undefined,
    })
    const silentSince = performance.now()
    await silent.connection().execute(async (session) => {
      await tryLeaderLock(session)
      await beginTerm(session, TEST_ORIGIN)
    })
    await using other = openLogProcess(database, { key })
    other.log.start()
    await queue(database, ['taken over'])
    await published(1, other.log)
    expect(performance.now() - silentSince).toBeGreaterThan(4900)
    await silent.destroy()
  })

  test('who asks for everything to be appended gets it, though the session is lost under way', async () => {
    await using process = openLogProcess(database, { key })
    const names = await queueMany(database, 'large', 20_000, 2000)
    const draining = process.log.drainNow()
    await waitFor(async () => (await killLeader()) > 0, { intervalMs: 1 })
    await draining
    expect((await process.log.head()).size).toBe(names.length)
    expect(await namesInLog(process.log)).toEqual(names)
  })

  test('two sequencers racing over one database, their sessions killed again and again, never fork the log', async () => {
    const roots = new Map<number, Set<string>>()
    const journal = {
      appended: () => Promise.resolve(),
      checkpoint(note: string) {
        const [, size = '', root = ''] = note.split('\n')
        roots.set(Number(size), (roots.get(Number(size)) ?? new Set()).add(root))
        return Promise.resolve()
      },
    }
    await using one = openLogProcess(database, { key, journal })
    await using two = openLogProcess(database, { key, journal })
    await using alone = openLogProcess(database, { key, journal })
    one.log.start()
    two.log.start()
    const names: string[] = []
    for (let round = 0; round < 12; round += 1) {
      names.push(...(await queueMany(database, `round-${round}`, 30, 3)))
      if (round % 3 === 0) await alone.log.drainNow()
      else await waitFor(async () => (await killLeader()) > 0, { what: 'a leader', intervalMs: 1 })
    }
    await published(names.length, one.log, two.log)
    expect(await namesInLog(two.log)).toEqual(names)
    expect([...roots.values()].every((seen) => seen.size === 1)).toBe(true)
    expect(await verifyWholeTree(database.db, { origin: TEST_ORIGIN })).toMatchObject({
      kind: 'sound',
      size: names.length,
    })
    expect([...one.contradictions, ...two.contradictions]).toEqual([])
  })

  test('a state that another transaction holds is not written beside it', async () => {
    await using process = openLogProcess(database, { key })
    await queue(database, ['first'])
    await process.log.drainNow()
    await queue(database, ['second'])
    let draining: Promise<void> | undefined
    await database.db.transaction().execute(async (tx) => {
      await lockLogState(tx)
      draining = process.log.drainNow()
      await new Promise((resolve) => setTimeout(resolve, 300))
      expect((await process.log.head()).size).toBe(1)
    })
    await draining
    expect((await process.log.head()).size).toBe(2)
  })
})

describe('the tables of the log', () => {
  test.each([
    ['a full tile', "update log_tile set data = data || '\\x00' where width = 256"],
    ['the width of a tile', 'update log_tile set width = width - 1 where level = 0 and index = 1'],
    [
      'what a tile begins with',
      "update log_tile set width = width + 1, data = decode(repeat('00', 32 * (width + 1)), 'hex') where level = 0 and index = 1",
    ],
    ['a tile', 'delete from log_tile'],
    ['all tiles', 'truncate log_tile'],
    ['the size of the log', 'update log_state set size = size - 1'],
    ['the term', 'update log_state set term = term - 1'],
    ['the root', 'update log_state set root = sha256(root)'],
    ['the origin', "update log_state set origin = 'x'"],
    ['the state', 'delete from log_state'],
    ['a position', 'update log_position set position = position + 1'],
    ['all positions', 'truncate log_position'],
    ['what a checkpoint says', "update log_checkpoint set note = 'other'"],
    ['when a checkpoint was published', 'update log_checkpoint set published_at = now()'],
    ['a kept checkpoint', 'delete from log_checkpoint'],
    ['that it is kept', 'update log_checkpoint set kept = false'],
  ])('even their owner cannot change %s', async (_, statement) => {
    await using process = openLogProcess(database, { key })
    await queueMany(database, 'fixed', 300, 100)
    await process.log.drainNow()
    await process.log.keepCheckpoint()
    const owner = connect<IssuerTables>({
      url: database.ownerUrl,
      max: 1,
      applicationName: 'owner',
      onIdleError: () => undefined,
    })
    try {
      await expect(sql.raw(statement).execute(owner)).rejects.toMatchObject({ code: '23001' })
    } finally {
      await owner.destroy()
    }
  })
})
