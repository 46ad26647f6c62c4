import { connect } from '@arc3088/db'
import {
  ANYONE,
  createLog,
  createMetrics,
  createServiceApp,
  listen,
  systemAmbient,
  type Ambient,
  type ClientPolicy,
} from '@arc3088/service'
import { type TestDatabase } from '@arc3088/testkit'
import type { Signer } from '@arc3088/records'
import type { NoteSigner } from '@arc3088/tlog'

import { createCosigner, witnessRoutes, type IssuerTables, type WatchedLog } from '../src/index.ts'

/** One process of a witness, listening. */
export interface TestWitness extends AsyncDisposable {
  readonly url: string
  readonly cosigner: NoteSigner
  /** What the log said, a line each. */
  readonly logged: readonly string[]
  /** Sends a body to `/add-checkpoint`. */
  add(
    body: string | Uint8Array<ArrayBuffer>,
    headers?: Record<string, string>,
  ): Promise<{ status: number; mediaType: string; text: string }>
}

export const WITNESS_ENTITY = 'https://root.example'

/** Starts a process over a database that all share; `reached` may throw where a crash is wanted. */
export async function startWitness(
  database: TestDatabase<IssuerTables>,
  options: {
    readonly key: Signer
    readonly watched: ReadonlyMap<string, WatchedLog>
    readonly ambient?: Partial<Ambient>
    readonly demandWritable?: () => void
    readonly clients?: ClientPolicy
  },
): Promise<TestWitness> {
  const ambient: Ambient = { ...systemAmbient(), ...options.ambient }
  const logged: string[] = []
  const log = createLog({
    level: 'debug',
    service: 'witness',
    destination: { write: (line) => void logged.push(line) },
  })
  const db = connect<IssuerTables>({
    url: database.appUrl,
    max: 8,
    applicationName: 'witness-test',
    onIdleError: () => undefined,
  })
  const cosigner = createCosigner(WITNESS_ENTITY, options.key)
  const app = createServiceApp({
    ambient,
    log,
    metrics: createMetrics('test'),
    permissions: {},
    authenticate: () => Promise.resolve(ANYONE),
    clients: options.clients,
  })
  app.route(
    '/',
    witnessRoutes(() => ({
      db,
      ambient,
      log,
      gate: { demandWritable: options.demandWritable ?? (() => undefined) },
      cosigner,
      logOf: (origin) => Promise.resolve(options.watched.get(origin)),
    })),
  )
  const listener = await listen(app.fetch, { host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${listener.port}/`
  return {
    url,
    cosigner,
    logged,
    async add(body, headers = {}) {
      const response = await fetch(`${url}add-checkpoint`, { method: 'POST', body, headers })
      const mediaType = response.headers.get('content-type') ?? ''
      return { status: response.status, mediaType, text: await response.text() }
    },
    async [Symbol.asyncDispose]() {
      await listener.stop(0)
      await db.destroy()
    },
  }
}
