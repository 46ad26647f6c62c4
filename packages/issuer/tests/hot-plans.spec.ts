import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { connect } from '@arc3088/db'
import { sql, type Kysely } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createBatchAssigner, readStoredRecord, type IssuerTables } from '../src/index.ts'
import { readRecords } from '../src/assignment/assignment.store.ts'
import { createIssuerDatabase, smallestTier, startProcess, submit, type TestProcess } from './test-issuer.ts'

/** Tables that hold a row or more a code; hundreds of millions of rows at a large provider. */
const BIG_TABLES = ['code_ledger', 'assignment_record', 'idempotency'] as const
/** Node-wide sequences of log and feed, which no requester divides (architecture section 7). */
const NODE_WIDE = new Set([
  'log_queue',
  'log_position',
  'log_tile',
  'log_checkpoint',
  'status_entry',
  'status_change',
  'outbox',
])

const CODES = 40_000
const PLANS = fileURLToPath(new URL('./hot-plans.txt', import.meta.url))

let database: Awaited<ReturnType<typeof createIssuerDatabase>>
let process: TestProcess
/** One connection, whose prepared statements are those of the hot paths. */
let db: Kysely<IssuerTables>
beforeAll(async () => {
  database = await createIssuerDatabase()
  process = await startProcess(database)
  await loadCodes(database.ownerUrl)
  db = connect<IssuerTables>({
    url: database.appUrl,
    max: 1,
    applicationName: 'hot-plans',
    onIdleError: () => undefined,
  })
})
afterAll(async () => {
  await db.destroy()
  await process[Symbol.asyncDispose]()
  await database.drop()
})

/** The same load each time, with fresh statistics: 200 requesters, instances of one ontology each. */
async function loadCodes(ownerUrl: string): Promise<void> {
  const owner = connect<IssuerTables>({
    url: ownerUrl,
    max: 1,
    applicationName: 'hot-plans-load',
    onIdleError: () => undefined,
  })
  const keys = sql`select 1 as provider, 1 + n % 200 as requester, 7 as ontology, n as instance
    from generate_series(1, ${sql.lit(CODES)}) as n`
  await sql`insert into code_ledger select provider, requester, ontology, instance, now() from (${keys}) k`.execute(
    owner,
  )
  await sql`
    insert into assignment_record
    select provider, requester, ontology, instance, sha256(instance::text::bytea), repeat('x', 800), now(), 0, instance
    from (${keys}) k`.execute(owner)
  await sql`
    insert into idempotency
    select requester, sha256(instance::text::bytea), sha256('body'), provider, requester, ontology, instance
    from (${keys}) k`.execute(owner)
  // One code in fifty has left its first state.
  await sql`insert into status_list values (0, 'instance', 131072, sha256('key'), now())`.execute(owner)
  await sql`
    insert into status_entry (list, index, status, changed_at)
    select 0, n, 2, now() from generate_series(1, ${sql.lit(CODES)}, 50) as n`.execute(owner)
  for (const table of [...BIG_TABLES, 'status_entry'])
    await sql`vacuum (analyze) ${sql.id(table)}`.execute(owner)
  await owner.destroy()
}

/** Runs the hot paths once, and answers the plan of every statement of theirs that touches a big table. */
async function plansOfHotPaths(): Promise<string> {
  const { supply, issuing } = process
  const assign = createBatchAssigner(smallestTier, { db, supply, issuing })
  const batch = ['a', 'b', 'c'].map((key) => submit(key))
  for (const settled of [...(await assign(batch)), ...(await assign(batch))]) {
    if (settled.kind !== 'assigned') throw new Error('the hot path did not assign')
  }
  const key = { provider: 1, requester: 8, ontology: 7, instance: 7 }
  await readRecords(db, [key])
  await readStoredRecord(db, key)
  const { rows } = await sql<{ statement: string }>`
    select statement from pg_prepared_statements where from_sql = false order by prepare_time`.execute(db)
  const hot = rows
    .map(({ statement }) => statement)
    .filter((text) => BIG_TABLES.some((table) => text.includes(table)))
  const plans: string[] = []
  for (const text of hot) plans.push(`${squeeze(text)}\n\n${await planOf(text)}\n`)
  return plans.join('\n')
}

async function planOf(text: string): Promise<string> {
  const { rows } = await sql<{
    'QUERY PLAN': string
  }>`explain (generic_plan, costs off) ${sql.raw(text)}`.execute(db)
  return withoutRepeats(rows.map((row) => row['QUERY PLAN'].replaceAll(/_(?:1[0-6]|\d)(?=_pkey|\b)/g, '_N')))
}

/** Sixteen partitions with one plan say it sixteen times, one or two lines each. */
function withoutRepeats(lines: readonly string[]): string {
  const kept: string[] = []
  for (const line of lines) {
    const named = line.replaceAll(/ (\w+)_N\b/g, ' $1')
    if (named !== kept.at(-1) && named !== kept.at(-2)) kept.push(named)
  }
  return kept.join('\n')
}

const squeeze = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

describe('the statements of the hot paths', () => {
  test('probe one index a row: no sequential scan, and no sort but of a batch by its keys', async () => {
    const plans = await plansOfHotPaths()
    for (const table of BIG_TABLES) expect(plans).toContain(`on ${table}`)
    expect(plans).not.toContain('Seq Scan')
    const sorts = plans.split('\n').filter((line) => line.includes('Sort Key'))
    expect(sorts.map((line) => line.trim())).toEqual(['Sort Key: wanted.scope_requester, wanted.key_hash'])
  })

  test('have the plans that were reviewed', async () => {
    const plans = await plansOfHotPaths()
    // UPDATE_PLANS=1 writes them anew; the difference is for a reviewer to judge.
    if (globalThis.process.env['UPDATE_PLANS'] === '1') writeFileSync(PLANS, plans)
    expect(plans).toBe(readFileSync(PLANS, 'utf8'))
  })
})

test('every primary and unique key of a big table holds the requester, so that it can be spread over machines', async () => {
  const { rows } = await sql<{ table: string; partitioned: boolean; columns: string[] }>`
    select c.relname as table, c.relkind = 'p' as partitioned,
      array(select a.attname::text from unnest(i.indkey) k join pg_attribute a on a.attrelid = c.oid and a.attnum = k) as columns
    from pg_index i join pg_class c on c.oid = i.indrelid
    where c.relnamespace = 'public'::regnamespace and i.indisunique and not c.relispartition`.execute(db)
  const big = rows.filter(
    ({ table, partitioned }) => partitioned || BIG_TABLES.some((name) => name === table),
  )
  expect(big.map(({ table }) => table)).toEqual(expect.arrayContaining([...BIG_TABLES]))
  const divided = big.filter(({ columns }) => columns.some((column) => /^(?:scope_)?requester$/.test(column)))
  expect(divided.map(({ table }) => table)).toEqual(big.map(({ table }) => table))
  // What grows with the codes and is not divided by requester is excepted by name; anything new has to be thought of.
  const { rows: undivided } = await sql<{ table: string }>`
    select distinct c.relname as table from pg_index i join pg_class c on c.oid = i.indrelid
    where c.relnamespace = 'public'::regnamespace and i.indisunique and c.relkind = 'r' and not c.relispartition
      and c.relname ~ '^(log_|status_(entry|change)|outbox|feed_)'`.execute(db)
  const small = new Set(['log_state', 'log_key', 'feed_segment'])
  expect(
    undivided.map(({ table }) => table).filter((table) => !NODE_WIDE.has(table) && !small.has(table)),
  ).toEqual([])
})
