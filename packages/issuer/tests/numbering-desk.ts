import { connect } from '@arc3088/db'
import {
  ANYONE,
  createLog,
  createMetrics,
  createServiceApp,
  listen,
  systemAmbient,
  type Ambient,
} from '@arc3088/service'
import type { TestDatabase } from '@arc3088/testkit'

import { createSupply, type IssuerTables, type NumberingPlan, type Supply } from '../src/index.ts'
import type { SettableWriteGate } from '../src/journal/write-gate.ts'
import { ensureNumberingPlan } from '../src/numbering/ensure-numbering-plan.ts'
import { numberingRoutes } from '../src/numbering/numbering.route.ts'
import { readVersionedPlan } from '../src/numbering/numbering.store.ts'
import { watchPlan, type PlanWatch } from '../src/numbering/watch-plan.ts'
import { openTestJournal } from './test-journal.ts'

/** One process with the desk of its numbering plan, listening. Bearers are called by their roles. */
export interface NumberingProcess extends AsyncDisposable {
  readonly supply: Supply
  readonly plan: PlanWatch
  readonly gate: SettableWriteGate
  get(path: string, role?: string): Promise<DeskAnswer>
  post(path: string, body: unknown, etag?: string, role?: string): Promise<DeskAnswer>
}

export interface DeskAnswer {
  readonly status: number
  readonly etag: string
  readonly text: string
  readonly body: Record<string, unknown>
}

/** Starts a process over a database that all share. */
export async function startNumberingProcess(
  database: TestDatabase<IssuerTables>,
  options: { plan: NumberingPlan; ambient?: Partial<Ambient> },
): Promise<NumberingProcess> {
  const ambient: Ambient = { ...systemAmbient(), ...options.ambient }
  const open = (max: number) =>
    connect<IssuerTables>({
      url: database.appUrl,
      max,
      applicationName: 'numbering-test',
      onIdleError: () => undefined,
    })
  const [db, leaseDb] = [open(3), open(1)]
  await ensureNumberingPlan(db, ambient, options.plan)
  const kept = await openTestJournal(ambient)
  const { gate } = kept
  const supply = createSupply(leaseDb, ambient, kept)
  const failures: unknown[] = []
  const plan = watchPlan({
    db,
    first: await readVersionedPlan(db),
    changed: () => supply.planChanged(),
    onError: (error) => failures.push(error),
  })
  const app = createServiceApp({
    ambient,
    log: createLog({ level: 'silent', service: 'test' }),
    metrics: createMetrics('test'),
    permissions: { 'numbering:read': ['reviewer', 'administrator'], 'numbering:change': ['administrator'] },
    authenticate: (authorization) => {
      const role = authorization?.split(' ')[1]
      return Promise.resolve(role === undefined ? ANYONE : { kind: 'operator', id: role, roles: [role] })
    },
  })
  app.route(
    '/',
    numberingRoutes(() => ({ db, ambient, gate, plan })),
  )
  const listener = await listen(app.fetch, { host: '127.0.0.1', port: 0 })
  const send = async (path: string, init: RequestInit, role: string | undefined): Promise<DeskAnswer> => {
    const response = await fetch(`http://127.0.0.1:${listener.port}${path}`, {
      ...init,
      headers: { ...init.headers, ...(role === undefined ? {} : { authorization: `Bearer ${role}` }) },
    })
    const text = await response.text()
    const body = JSON.parse(text) as Record<string, unknown>
    return { status: response.status, etag: response.headers.get('etag') ?? '', text, body }
  }
  return {
    supply,
    plan,
    gate,
    get: (path, role) => send(path, {}, role),
    post: (path, body, etag, role = 'administrator') =>
      send(
        path,
        {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            ...(etag === undefined ? {} : { 'if-match': etag }),
          },
          body: JSON.stringify(body),
        },
        role,
      ),
    async [Symbol.asyncDispose]() {
      plan.stop()
      await listener.stop(0)
      await Promise.all([db.destroy(), leaseDb.destroy(), kept[Symbol.asyncDispose]()])
    },
  }
}
