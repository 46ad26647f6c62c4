import { formatStatusTransition, readLogEntry, STATUS } from '@arc3088/records'
import { systemAmbient } from '@arc3088/service'
import { createHash } from 'node:crypto'
import { connect } from '@arc3088/db'
import type { TestDatabase } from '@arc3088/testkit'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'

import type { IssuerTables } from '../src/index.ts'
import { setStatusMany } from '../src/status/set-status.ts'
import { leaseStatusBlock } from '../src/status/status-list.store.ts'
import { begin, change, changeOf, openLists } from './status-fixture.ts'
import { createIssuerDatabase } from './test-issuer.ts'

let database: TestDatabase<IssuerTables>
beforeEach(async () => {
  database = await createIssuerDatabase()
  await openLists(database, 2)
})
afterEach(async () => {
  await database.drop()
})

const { revoked, suspended, valid } = STATUS

async function written(): Promise<{ entries: number[]; changes: number[]; queued: string[] }> {
  const { db } = database
  const entries = await db
    .selectFrom('status_entry')
    .select('status')
    .orderBy('list')
    .orderBy('index')
    .execute()
  const changes = await db.selectFrom('status_change').select('status').orderBy('id').execute()
  const queue = await db.selectFrom('log_queue').select('entries').orderBy('id').execute()
  return {
    entries: entries.map(({ status }) => status),
    changes: changes.map(({ status }) => status),
    queued: queue.flatMap((row) => row.entries),
  }
}

test('writes entry, change and log entry together, and the log entry hashes code, status and instant', async () => {
  const at = new Date('2026-11-22T09:00:00.700Z')
  const [one, two] = [changeOf(0, 7, suspended, at), changeOf(1, 3, revoked, at)]
  await change(database.db, [one, two])
  const { entries, changes, queued } = await written()
  expect([entries, changes]).toEqual([
    [suspended, revoked],
    [suspended, revoked],
  ])
  const since = 1_795_338_000
  const text = formatStatusTransition({ code: one.subject.text, status: suspended, since })
  expect(queued.map(readLogEntry)).toMatchObject([
    { t: 'status', c: one.subject.text, i: since, h: createHash('sha256').update(text).digest('base64url') },
    { t: 'status', c: two.subject.text, i: since },
  ])
  const hashes = await database.db.selectFrom('status_change').select('hash').orderBy('id').execute()
  expect(hashes.map(({ hash }) => Buffer.from(hash ?? []).toString('base64url'))).toEqual(
    queued.map((entry) => readLogEntry(entry)?.h),
  )
})

test.each([
  ['killed when written', 'status:written'],
  ['whose transaction fails after it', 'after'],
])('a change that is %s leaves none of the three', async (_, step) => {
  const reached = (now: string) => {
    if (now === step) throw new Error(`killed at ${now}`)
  }
  const ambient = { ...systemAmbient(), reached }
  const attempt = database.db.transaction().execute(async (tx) => {
    await setStatusMany(tx, ambient, [changeOf(0, 7, suspended)])
    reached('after')
  })
  await expect(attempt).rejects.toThrow('killed')
  expect(await written()).toEqual({ entries: [], changes: [], queued: [] })
})

test('refuses to give one entry two values at once', async () => {
  const twice = [changeOf(0, 7, suspended), changeOf(0, 7, revoked)]
  await expect(change(database.db, twice)).rejects.toThrow('twice')
})

test('two transactions that change one entry number their changes in the order in which they commit', async () => {
  await change(database.db, [changeOf(0, 7, valid)])
  const first = await begin(database.db)
  await setStatusMany(first.tx, systemAmbient(), [changeOf(0, 7, suspended)])
  const second = change(database.db, [changeOf(0, 7, revoked)])
  await first.commit()
  await second
  const { changes, entries } = await written()
  expect([changes, entries]).toEqual([[valid, suspended, revoked], [revoked]])
})

test('two transactions that change the same entries in opposite order do not wait for each other for ever', async () => {
  const codes = Array.from({ length: 40 }, (_, index) => changeOf(0, index, suspended))
  await Promise.all([
    change(database.db, codes),
    change(database.db, codes.toReversed()),
    change(database.db, codes),
    change(database.db, codes.toReversed()),
  ])
  expect((await written()).changes).toHaveLength(160)
})

test('time never runs backwards along an entry, though the clock of a process does', async () => {
  const ahead = new Date('2026-11-22T09:00:05Z')
  await change(database.db, [changeOf(0, 7, suspended, ahead)])
  await change(database.db, [changeOf(0, 7, valid, new Date('2026-11-22T09:00:00Z'))])
  const instants = await database.db.selectFrom('status_change').select('changed_at').orderBy('id').execute()
  expect(instants.map(({ changed_at: at }) => at)).toEqual([ahead, ahead])
})

test('leasing indexes of a list waits for nobody who changes an entry of it', async () => {
  const owner = connect<IssuerTables>({
    url: database.ownerUrl,
    max: 1,
    applicationName: 'owner',
    onIdleError: () => undefined,
  })
  await sql`alter table status_list disable trigger status_list_leases_only_grow`.execute(owner)
  await sql`update status_list set leased = 10`.execute(owner)
  await owner.destroy()
  const open = await begin(database.db)
  await setStatusMany(open.tx, systemAmbient(), [changeOf(0, 7, suspended)])
  const lease = {
    level: 'instance',
    count: 5,
    newScrambleKey: () => new Uint8Array(16),
    openedAt: new Date(),
  } as const
  const block = await Promise.race([
    leaseStatusBlock(database.db, lease).then(({ list, position }) => ({ list, position })),
    new Promise((resolve) => setTimeout(() => resolve('waited'), 30_000)),
  ])
  await open.commit()
  expect(block).toEqual({ list: 0, position: 10 })
})

test.each(['update status_change set status = 0', 'delete from status_change', 'truncate status_change'])(
  'not even the owner can %s',
  async (statement) => {
    await change(database.db, [changeOf(0, 7, suspended)])
    const owner = connect<IssuerTables>({
      url: database.ownerUrl,
      max: 1,
      applicationName: 'owner',
      onIdleError: () => undefined,
    })
    await expect(sql.raw(statement).execute(owner)).rejects.toMatchObject({ constraint: 'append_only' })
    await owner.destroy()
  },
)
