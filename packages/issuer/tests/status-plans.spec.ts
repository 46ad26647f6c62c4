import { STATUS } from '@arc3088/records'
import { connect } from '@arc3088/db'
import type { TestDatabase } from '@arc3088/testkit'
import { sql, type Kysely } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { IssuerTables } from '../src/index.ts'
import {
  readChangesBefore,
  readChangesSince,
  readPastChanges,
  readSnapshot,
} from '../src/status/status-change.store.ts'
import { readStatusEntries } from '../src/status/status-list.store.ts'
import { change, changeOf, openLists } from './status-fixture.ts'
import { createIssuerDatabase } from './test-issuer.ts'

/** More often than PostgreSQL needs to settle for a plan of a prepared statement. */
const RUNS = 8
const LISTS = 4

let database: TestDatabase<IssuerTables>
/** One connection: its prepared statements are looked at. */
let db: Kysely<IssuerTables>
let snapshot: string
beforeAll(async () => {
  database = await createIssuerDatabase()
  await openLists(database, LISTS)
  const owner = connect<IssuerTables>({
    url: database.ownerUrl,
    max: 1,
    applicationName: 'status-plans-load',
    onIdleError: () => undefined,
  })
  // One entry in four has changed, and each of those twice; one transaction a list.
  for (let list = 0; list < LISTS; list++) {
    await sql`
      insert into status_entry (list, index, status, changed_at)
      select ${list}, i, 2, now() from generate_series(0, 131071, 4) as i`.execute(owner)
    await sql`
      insert into status_change (list, index, status, changed_at)
      select ${list}, i, n, now() from generate_series(0, 131071, 4) as i, generate_series(1, 2) as n`.execute(
      owner,
    )
  }
  snapshot = await readSnapshot(owner)
  await sql`vacuum (analyze) status_entry`.execute(owner)
  await sql`vacuum (analyze) status_change`.execute(owner)
  await owner.destroy()
  db = connect<IssuerTables>({
    url: database.appUrl,
    max: 1,
    applicationName: 'status-plans',
    onIdleError: () => undefined,
  })
})
afterAll(async () => {
  await db.destroy()
  await database.drop()
})

/** The plan that the connection uses for the statement in which `part` stands, once it has been run often. */
async function planOf(part: string, values: string): Promise<string> {
  const { rows } = await sql<{ name: string }>`
    select name from pg_prepared_statements where position(${part} in statement) > 0 and not from_sql
      and statement not like '%pg_prepared_statements%'`.execute(db)
  const [statement] = rows
  if (statement === undefined) throw new Error(`nothing that was run says ${part}`)
  const plan = await sql<{ 'QUERY PLAN': string }>`
    explain (costs off) execute ${sql.id(statement.name)}(${sql.raw(values)})`.execute(db)
  return plan.rows.map((row) => row['QUERY PLAN'].trim()).join('\n')
}

async function often(run: (nth: number) => Promise<unknown>): Promise<void> {
  for (let nth = 0; nth < RUNS; nth++) await run(nth)
}

test('what was committed since a snapshot is found by one index, not by reading the history', async () => {
  await often(() => readChangesSince(db, snapshot, [0, 1], 1000))
  const plan = await planOf('pg_snapshot_xmin', `'${snapshot}', '${snapshot}', '{0,1}', 1000`)
  expect(plan).toContain('status_change_xid_idx')
  expect(plan).not.toContain('Seq Scan')
})

test('the history of one code is one run of one index', async () => {
  await often((nth) => readPastChanges(db, { list: 1, index: 4 * nth }, { after: 0, limit: 50 }))
  const plan = await planOf('offset', `1, 8, 50, 0`)
  expect(plan).toContain('status_change_pkey')
  expect(plan).not.toMatch(/Seq Scan|Sort/)
})

test('what a code was at an instant is one run of one index', async () => {
  const before = new Date(Date.now() + 1000)
  await often((nth) => readChangesBefore(db, { list: 1, index: 4 * nth }, { before, limit: 16 }))
  const plan = await planOf('row_number()', `1, 8, '2999-01-01', 16`)
  expect(plan).toContain('status_change_pkey')
  expect(plan).not.toContain('Seq Scan')
})

test('a list is read by its own entries and nothing else', async () => {
  await often((nth) => readStatusEntries(db, nth % LISTS))
  const plan = await planOf('"status" <>', `1, 0`)
  expect(plan).toContain('status_entry_pkey')
  expect(plan).not.toContain('Seq Scan')
})

test('a change of status reads nothing but the entry that it changes', async () => {
  await often(async (nth) => {
    await change(db, [changeOf(nth % LISTS, nth, STATUS.revoked)])
  })
  const written = await planOf('on conflict', `'{0}', '{4}', '{1}', '{2026-11-22}'`)
  expect(written).toContain('Conflict Arbiter Indexes: status_entry_pkey')
  expect(written).not.toMatch(/Scan on status_/)
})
