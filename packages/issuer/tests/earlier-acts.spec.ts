import { readLogEntry } from '@arc3088/records'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { adoptEarlierActs } from '../src/log/adopt-earlier-acts.ts'
import { readLogKeyRows } from '../src/log/log-key.store.ts'
import { createIssuerDatabase, startProcess, submit, type TestProcess } from './test-issuer.ts'

type Database = Awaited<ReturnType<typeof createIssuerDatabase>>
let database: Database
let process: TestProcess
beforeAll(async () => {
  database = await createIssuerDatabase()
  process = await startProcess(database)
  await Promise.all(Array.from({ length: 30 }, (_, n) => process.assign(submit(`k${n}`))))
  // As the version before the log left it: an outbox row an act, no queue, no keys.
  await sql`
    insert into outbox (id, act, provider, requester, ontology, instance, hash, issued_at)
    select uuidv7(), 'assign', provider, requester, ontology, instance, hash, issued_at from assignment_record
    order by issued_at`.execute(database.db)
  await sql`delete from log_queue`.execute(database.db)
})
afterAll(async () => {
  await process[Symbol.asyncDispose]()
  await database.drop()
})

const queued = async () => {
  const rows = await database.db.selectFrom('log_queue').select('entries').orderBy('id').execute()
  return rows.flatMap(({ entries }) => entries.map(readLogEntry))
}

test('queues every act of the time before the log once, organisations in clear, whoever tries and whoever dies', async () => {
  const { db } = database
  const { issuing } = process
  const acts = await db.selectFrom('outbox').select(['hash', 'requester']).orderBy('id').execute()
  let deaths = 0
  const mortal = {
    ...issuing.ambient,
    reached: (step: string) => {
      if (step === 'earlier-acts:queued' && ++deaths === 1) throw new Error('killed')
    },
  }
  const parts = { db, ambient: mortal, logNames: issuing.logNames }
  await expect(adoptEarlierActs(parts)).rejects.toThrow('killed')
  expect(await queued()).toEqual([])

  const counts = await Promise.all([1, 2, 3].map(() => adoptEarlierActs(parts)))
  expect(counts.toSorted((a, b) => a - b)).toEqual([0, 0, 30])

  const rows = await readLogKeyRows(
    db,
    acts.map(({ requester }) => requester),
  )
  expect(rows.length).toBe(acts.length)
  // All of them are organisations, which the log shows (W8).
  const names = acts.map(({ requester }) => `1.2.156.3088.1.1.${requester.toString(36).toUpperCase()}`)
  expect((await queued()).map((entry) => [entry?.t, entry?.h, entry?.c])).toEqual(
    acts.map(({ hash }, nth) => ['assign', Buffer.from(hash).toString('base64url'), names[nth]]),
  )
  expect(await db.selectFrom('outbox').select('id').execute()).toEqual([])
  expect(await adoptEarlierActs(parts)).toBe(0)
})
