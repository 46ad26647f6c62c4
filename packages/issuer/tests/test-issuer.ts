import { createHash } from 'node:crypto'

import { HOME_PREFIX } from '@arc3088/codec'
import { connect, migrateAll } from '@arc3088/db'
import { createMemorySigner, generateSigningKey } from '@arc3088/records'
import { systemAmbient, type Ambient } from '@arc3088/service'
import { createTestDatabase, type TestDatabase } from '@arc3088/testkit'
import { sql } from 'kysely'

import {
  createAssigner,
  createLogNamer,
  createSupply,
  ISSUER_MIGRATIONS,
  type AssignOne,
  type Issuing,
  type IssuerTables,
  type NumberingPlan,
  type Submission,
  type Supply,
  type Tier,
} from '../src/index.ts'
import { ensureNumberingPlan } from '../src/numbering/ensure-numbering-plan.ts'
import { openTestJournal } from './test-journal.ts'

/** What the tests ask for: a number below provider 1, or a failure of the tier's own. */
export interface Wanted {
  readonly wish?: number
  readonly refuse?: true
  /** Makes the tier's own insert fail, as a constraint of an app's table would. */
  readonly poison?: true
}

/** The smallest tier that there can be: requesters below provider 1, without rows of its own. */
export const smallestTier: Tier<Wanted, null, IssuerTables> = {
  level: 'requester',
  operation: 'test:assign',
  wishOf: (request) => request.wish,
  lockKeys: () => [],
  readFacts: () => Promise.resolve(null),
  judge(request) {
    if (request.refuse === true) return { kind: 'refuse', because: 'requester-state', detail: 'as asked' }
    const parent = { provider: 1, requester: 0, ontology: 0, instance: 0 }
    const wish = request.wish === undefined ? {} : { wish: request.wish }
    const extra = { requester_kind: 'organization' } as const
    return { kind: 'assign', parent, ...wish, extra, disclosure: { requesterKind: 'organization' } }
  },
  insert(_, assigned) {
    const poisoned = assigned.some(({ request }) => request.poison === true)
    return poisoned ? Promise.reject(new Error('the tier refused its rows')) : Promise.resolve()
  },
}

/** The plan of the tests: numbers below 1000 are chosen, then a scrambled range. */
export const TEST_PLAN: NumberingPlan = [
  { level: 'requester', name: 'short', kind: 'chosen', first: 1, last: 999 },
  { level: 'requester', name: 'general', kind: 'scrambled', first: 1000, last: 99_999 },
]

/** One process of a node: its own pools, leases and coalescer, over the database that all share. */
export interface TestProcess extends AsyncDisposable {
  readonly supply: Supply
  readonly issuing: Issuing
  readonly assign: AssignOne<Wanted>
}

/** A migrated database of its own. */
export async function createIssuerDatabase(): Promise<TestDatabase<IssuerTables>> {
  return await createTestDatabase<IssuerTables>({
    template: 'issuer',
    migrate: (owner) => migrateAll(owner, [ISSUER_MIGRATIONS]),
  })
}

/** Starts a process over a database; `reached` may throw where a crash is wanted. */
export async function startProcess(
  database: TestDatabase<IssuerTables>,
  options: { reached?: (step: string) => void; plan?: NumberingPlan } = {},
): Promise<TestProcess> {
  const ambient: Ambient = { ...systemAmbient(), reached: options.reached ?? (() => undefined) }
  const open = (max: number) =>
    connect<IssuerTables>({
      url: database.appUrl,
      max,
      applicationName: 'issuer-test',
      onIdleError: () => undefined,
    })
  const [db, leaseDb] = [open(4), open(1)]
  const { privateJwk } = await generateSigningKey('ES256')
  const signer = await createMemorySigner({ alg: 'ES256', privateJwk })
  const plan = await ensureNumberingPlan(db, ambient, options.plan ?? TEST_PLAN)
  const kept = await openTestJournal(ambient)
  const issuing: Issuing = {
    ambient,
    entityId: 'https://p1.example',
    prefix: HOME_PREFIX,
    plan: () => plan,
    logNames: createLogNamer(),
    demandWritable: () => kept.gate.demandWritable(),
    journalChosen: (keys) => kept.journal.chosen(keys),
    signer: () => signer,
    statusListUri: (list) => `https://p1.example/status/${list}`,
  }
  const supply = createSupply(leaseDb, ambient, kept)
  return {
    supply,
    issuing,
    assign: createAssigner(smallestTier, { db, supply, issuing }),
    async [Symbol.asyncDispose]() {
      await Promise.all([db.destroy(), leaseDb.destroy(), kept[Symbol.asyncDispose]()])
    },
  }
}

/** A submission under a key; the body is the request itself. */
export function submit(key: string, request: Wanted = {}): Submission<Wanted> {
  const hash = (text: string) => new Uint8Array(createHash('sha256').update(text).digest())
  return {
    request,
    principal: 'tester',
    scopeRequester: 0,
    idempotency: { keyHash: hash(key), bodyHash: hash(JSON.stringify(request)) },
  }
}

/** How many rows each table of an assignment has: they are always equal. */
export async function countRows(database: TestDatabase<IssuerTables>): Promise<Record<string, number>> {
  const tables = ['code_ledger', 'assignment_record', 'idempotency'] as const
  const counts = await Promise.all(
    tables.map(async (table) => {
      const { count } = await database.db
        .selectFrom(table)
        .select((query) => query.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      return [table, count] as const
    }),
  )
  const queued = await database.db
    .selectFrom('log_queue')
    .select(sql<number>`coalesce(sum(cardinality(entries)), 0)::integer`.as('count'))
    .executeTakeFirstOrThrow()
  return { ...Object.fromEntries(counts), queued: queued.count }
}
