import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { HOME_PREFIX } from '@arc3088/codec'
import { connect } from '@arc3088/db'
import { createMemorySigner, generateSigningKey, type Signer } from '@arc3088/records'
import { createLog, systemAmbient, type Ambient } from '@arc3088/service'
import type { TestDatabase } from '@arc3088/testkit'
import { sql, type Kysely } from 'kysely'

import {
  createAssigner,
  createLogNamer,
  createSupply,
  type AssignOne,
  type Issuing,
  type IssuerTables,
  type NumberingPlan,
} from '../src/index.ts'
import { createNodeLog, type NodeLog } from '../src/log/node-log.ts'
import { ensureNumberingPlan } from '../src/numbering/ensure-numbering-plan.ts'
import { readNumberingPlan } from '../src/numbering/numbering.store.ts'
import type { RestoreParts } from '../src/restore/check-restore.ts'
import { openWriteGate, type GuardedJournal } from '../src/restore/open-write-gate.ts'
import { smallestTier, submit, TEST_PLAN, type Wanted } from './test-issuer.ts'
import { TEST_ORIGIN, witnessedBy, type TestWitness } from './test-log-process.ts'

/** One node as a restore drill needs it: database, journal and keys outlive its processes. */
export interface DrillNode extends Disposable {
  readonly journal: string
  readonly key: Signer
  readonly witnesses: TestWitness[]
}

/** A process of the node. */
export interface DrillProcess extends AsyncDisposable, GuardedJournal {
  readonly db: Kysely<IssuerTables>
  readonly log: NodeLog
  readonly ambient: Ambient
  readonly parts: RestoreParts
  readonly readOnly: boolean[]
  readonly assign: AssignOne<Wanted>
}

export const DRILL_ENTITY = 'https://p1.example'

/** A journal folder and the key of the log. */
export async function createDrillNode(): Promise<DrillNode> {
  const journal = mkdtempSync(join(tmpdir(), 'arc3088-drill-'))
  const { privateJwk } = await generateSigningKey('Ed25519')
  return {
    journal,
    key: await createMemorySigner({ alg: 'Ed25519', privateJwk }),
    witnesses: [],
    [Symbol.dispose]: () => rmSync(journal, { recursive: true, force: true }),
  }
}

/** Starts a process as a node does: journal, restore check, gate, and only then anything that writes. */
export async function startDrillProcess(
  database: TestDatabase<IssuerTables>,
  node: DrillNode,
  options: { reached?: (step: string) => void; plan?: NumberingPlan; journal?: string } = {},
): Promise<DrillProcess> {
  const ambient: Ambient = { ...systemAmbient(), reached: options.reached ?? (() => undefined) }
  const open = (max: number) =>
    connect<IssuerTables>({
      url: database.appUrl,
      max,
      applicationName: 'drill',
      onIdleError: () => undefined,
    })
  const [db, leaseDb, leaderDb] = [open(4), open(1), open(1)]
  const silent = createLog({ level: 'silent', service: 'drill' })
  const readOnly: boolean[] = []
  const asked = witnessedBy(node.witnesses, node.witnesses.length)
  const guarded = await openWriteGate({
    directory: options.journal ?? node.journal,
    entityId: DRILL_ENTITY,
    db,
    ambient,
    log: silent,
    metrics: { writesRefused: (areRefused) => void readOnly.push(areRefused) },
    ...asked,
  })
  const { journal, gate } = guarded
  if (gate.mode() === 'read-write') await ensureNumberingPlan(db, ambient, options.plan ?? TEST_PLAN)
  const plan = await readNumberingPlan(db)
  const { privateJwk } = await generateSigningKey('ES256')
  const signer = await createMemorySigner({ alg: 'ES256', privateJwk })
  const issuing: Issuing = {
    ambient,
    entityId: DRILL_ENTITY,
    prefix: HOME_PREFIX,
    plan: () => plan,
    logNames: createLogNamer(),
    demandWritable: () => gate.demandWritable(),
    journalChosen: (keys) => journal.chosen(keys),
    signer: () => signer,
    statusListUri: (list) => `${DRILL_ENTITY}/status/${list}`,
  }
  const supply = createSupply(leaseDb, ambient, { journal, gate })
  const log = createNodeLog({
    db,
    leaderDb,
    ambient,
    log: silent,
    origin: TEST_ORIGIN,
    signer: () => node.key,
    journal,
    gate,
    onContradiction: (detail) => gate.shut(detail),
    ...asked,
  })
  return {
    ...guarded,
    db,
    log,
    ambient,
    readOnly,
    parts: { db, journal, witnesses: await asked.witnesses(), askWitness: asked.askWitness },
    assign: createAssigner(smallestTier, { db, supply, issuing }),
    async [Symbol.asyncDispose]() {
      await log.stop()
      await journal.close()
      await Promise.all([db.destroy(), leaseDb.destroy(), leaderDb.destroy()])
    },
  }
}

/** A copy of a database as it stands, which nothing may be connected to; and the way to put it back. */
export async function backUp(
  database: TestDatabase<IssuerTables>,
): Promise<{ putBack(): Promise<void> } & AsyncDisposable> {
  const name = new URL(database.appUrl).pathname.slice(1)
  const copy = `${name}_backup`
  await asAdmin(async (admin) => {
    await disconnect(admin, name)
    await sql`create database ${sql.id(copy)} template ${sql.id(name)}`.execute(admin)
  })
  return {
    putBack: () =>
      asAdmin(async (admin) => {
        await sql`drop database ${sql.id(name)} with (force)`.execute(admin)
        await sql`create database ${sql.id(name)} template ${sql.id(copy)}`.execute(admin)
      }),
    [Symbol.asyncDispose]: () =>
      asAdmin(async (admin) => {
        await sql`drop database if exists ${sql.id(copy)} with (force)`.execute(admin)
      }),
  }
}

async function disconnect(admin: Kysely<unknown>, name: string): Promise<void> {
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name}`.execute(admin)
}

async function asAdmin(work: (admin: Kysely<unknown>) => Promise<void>): Promise<void> {
  const url = process.env['ARC3088_TEST_ADMIN_URL']
  if (url === undefined) throw new Error('there is no test server')
  const admin = connect<unknown>({
    url,
    max: 1,
    applicationName: 'drill-admin',
    onIdleError: () => undefined,
  })
  try {
    await work(admin)
  } finally {
    await admin.destroy()
  }
}

/** The owner of the tables, for what no process of the node may do. */
export function ownerOf(
  database: TestDatabase<IssuerTables>,
): AsyncDisposable & { db: Kysely<IssuerTables> } {
  const db = connect<IssuerTables>({
    url: database.ownerUrl,
    max: 1,
    applicationName: 'drill-owner',
    onIdleError: () => undefined,
  })
  return { db, [Symbol.asyncDispose]: () => db.destroy() }
}

/** Assigns under keys of a name, and answers what was acknowledged. */
export async function issue(
  process: DrillProcess,
  name: string,
  count: number,
  wish?: (nth: number) => number,
) {
  const acknowledged: string[] = []
  for (let at = 0; at < count; at += 500) {
    const batch = Array.from({ length: Math.min(500, count - at) }, (_, nth) => {
      const request: Wanted = wish === undefined ? {} : { wish: wish(at + nth) }
      return process.assign(submit(`${name}-${at + nth}`, request))
    })
    acknowledged.push(...(await Promise.all(batch)).map(({ subject }) => subject.text))
  }
  return acknowledged
}

/** A node that was put back by a little: leases, lists, chosen codes, log entries. */
export async function putBackALittle(database: TestDatabase<IssuerTables>, node: DrillNode): Promise<void> {
  {
    await using first = await startDrillProcess(database, node)
    await issue(first, 'early', 10)
    await first.log.drainNow()
  }
  await using backup = await backUp(database)
  {
    await using second = await startDrillProcess(database, node)
    await issue(second, 'late', 40)
    await issue(second, 'chosen', 5, (nth) => nth + 1)
    await second.log.drainNow()
  }
  await backup.putBack()
}
