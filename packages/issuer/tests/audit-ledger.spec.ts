import type { TestDatabase } from '@arc3088/testkit'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { runNodeCommand, type IssuerTables, type StatusIndex } from '../src/index.ts'
import { insertKey } from '../src/keys/key.store.ts'
import { burnLost } from '../src/restore/burn.ts'
import {
  createDrillNode,
  DRILL_ENTITY,
  issue,
  ownerOf,
  putBackALittle,
  startDrillProcess,
  type DrillNode,
} from './restore-node.ts'
import { createIssuerDatabase } from './test-issuer.ts'

let database: TestDatabase<IssuerTables>
let node: DrillNode
beforeEach(async () => {
  database = await createIssuerDatabase()
  node = await createDrillNode()
  const at = new Date(Date.now())
  await database.db.transaction().execute((tx) =>
    insertKey(tx, {
      kid: node.key.kid,
      purpose: 'tlog',
      jwk: node.key.publicJwk,
      ref: 'file:tlog.jwk.json',
      state: 'active',
      announcedAt: at,
      endorsedAt: at,
      activatedAt: at,
      outgoingAt: null,
      retiredAt: null,
      finalCheckpointSize: null,
      compromisedAt: null,
    }),
  )
})
afterEach(async () => {
  node[Symbol.dispose]()
  await database.drop()
})

/** Runs the command; answers its exit code and what each check found. */
async function audit(others: readonly StatusIndex[] = []) {
  const lines: string[] = []
  const code = await runNodeCommand({
    argv: ['audit:ledger'],
    environment: { ENTITY_ID: DRILL_ENTITY, DATABASE_URL: database.appUrl },
    service: 'drill',
    migrations: [],
    roles: [],
    witnessesOf: () => Promise.resolve([]),
    placesBesideRecords: () => Promise.resolve(others),
    write: (line) => void lines.push(line),
    serve: () => Promise.resolve(),
  })
  const checks = lines.map((line) => JSON.parse(line) as { check: string; ok: boolean; found?: unknown[] })
  return { code, wrong: checks.filter(({ ok }) => !ok), checks: checks.map(({ check }) => check) }
}

const CHECKS = ['codes-have-records', 'places-stand-once', 'places-were-leased', 'tree-is-its-entries']

async function someCodes(): Promise<void> {
  await using process = await startDrillProcess(database, node)
  await issue(process, 'code', 20)
  await issue(process, 'chosen', 3, (nth) => nth + 1)
  await process.log.drainNow()
}

test('finds nothing in a node that nobody harmed, also while it writes', async () => {
  expect(await audit()).toEqual({ code: 0, wrong: [], checks: CHECKS })
  await using process = await startDrillProcess(database, node)
  const [, report] = await Promise.all([
    issue(process, 'code', 2000).then(() => process.log.drainNow()),
    audit(),
  ])
  expect(report).toMatchObject({ code: 0, wrong: [] })
  expect(await audit()).toEqual({ code: 0, wrong: [], checks: CHECKS })
})

test('takes codes that were burnt after a restore for explained, and no other for that', async () => {
  await putBackALittle(database, node)
  {
    await using process = await startDrillProcess(database, node)
    await burnLost(process.parts, { ambient: process.ambient, operator: 'operator:drill' })
    const { rows } = await sql`select from burnt_code`.execute(process.db)
    expect(rows.length).toBeGreaterThan(0)
  }
  expect(await audit()).toEqual({ code: 0, wrong: [], checks: CHECKS })
  await harm(
    sql`delete from assignment_record where requester = (select max(requester) from assignment_record)`,
  )
  expect(await audit()).toMatchObject({ code: 1, wrong: [{ check: 'codes-have-records' }] })
})

/** What the constraints refuse to every role, done behind their back. */
async function harm(statement: ReturnType<typeof sql>): Promise<void> {
  await using owner = ownerOf(database)
  await owner.db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ name: string }>`
      select relname as name from pg_class where relkind in ('r', 'p') and relname ~ '^(code_ledger|assignment_record|log_|status_list)'
    `.execute(tx)
    for (const { name } of rows) await sql`alter table ${sql.table(name)} disable trigger user`.execute(tx)
    await statement.execute(tx)
  })
}

test.each([
  [
    'a code without its record',
    'codes-have-records',
    sql`delete from assignment_record where requester = (select max(requester) from assignment_record)`,
  ],
  [
    'a record whose code is not in the ledger',
    'codes-have-records',
    sql`delete from code_ledger where requester = (select max(requester) from code_ledger)`,
  ],
  [
    'two records with one entry of a status list',
    'places-stand-once',
    sql`update assignment_record set status_index = (select max(status_index) from assignment_record)
        where requester = (select max(requester) from assignment_record)
           or requester = (select min(requester) from assignment_record)`,
  ],
  ['more entries than were leased', 'places-were-leased', sql`update status_list set leased = 1`],
  [
    'an entry of the log that was changed',
    'tree-is-its-entries',
    sql`update log_tile set data = set_byte(data, 5, (get_byte(data, 5) + 1) % 256) where level = -1`,
  ],
])('finds %s, and says so in the exit code', async (_, check, statement) => {
  await someCodes()
  await harm(statement)
  const { code, wrong } = await audit()
  expect(code).toBe(1)
  expect(wrong.map((one) => one.check)).toEqual([check])
  expect(wrong[0]?.found?.length).toBeGreaterThan(0)
})

test('finds an entry of a record that another document uses too', async () => {
  await someCodes()
  const place = await database.db
    .selectFrom('assignment_record')
    .select(['status_list as list', 'status_index as index'])
    .executeTakeFirstOrThrow()
  expect(await audit([place])).toMatchObject({
    code: 1,
    wrong: [{ check: 'places-stand-once', found: [place] }],
  })
})
