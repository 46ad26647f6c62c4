import { join } from 'node:path'

import { migrateAll } from '@arc3088/db'
import { createOperators, issuerTables } from '@arc3088/issuer'
import { HOME_PREFIX } from '@arc3088/codec'
import { createLog, systemAmbient, type Ambient } from '@arc3088/service'
import {
  createTestDatabase,
  freePort,
  type TestDatabase,
  createTestKeys,
  signFirstKeySet,
  type TestKeys,
} from '@arc3088/testkit'

import { ROOT_MIGRATIONS } from '../src/db/migrations/index.ts'
import type { RootTables } from '../src/db/tables.ts'
import { startRoot, type RunningRoot } from '../src/start.ts'

/** Somebody at the desk, with verbs. */
export interface TestOfficer {
  readonly id: string
  readonly token: string
  get(path: string): Promise<Response>
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>
}

/** A real root on a port of its own, with two officers and one of each other role. */
export interface TestRoot extends AsyncDisposable {
  readonly url: string
  readonly root: RunningRoot
  readonly database: TestDatabase<RootTables>
  readonly keys: TestKeys
  readonly keySets: string
  /** What the log said, a line each. */
  readonly logged: readonly string[]
  officer(name: 'ann' | 'bo' | 'clerk' | 'auditor' | 'administrator'): TestOfficer
  get(path: string, headers?: Record<string, string>): Promise<Response>
}

const DESK = [
  { name: 'ann', role: 'officer' },
  { name: 'bo', role: 'officer' },
  { name: 'clerk', role: 'clerk' },
  { name: 'auditor', role: 'auditor' },
  { name: 'administrator', role: 'administrator' },
] as const

/** Starts a root as `main.ts` does, over HTTP and real SQL as the `_app` role. */
export async function startTestRoot(ambient: Partial<Ambient> = {}): Promise<TestRoot> {
  const database = await createTestDatabase<RootTables>({
    template: 'root',
    migrate: (owner) => migrateAll(owner, ROOT_MIGRATIONS),
  })
  const keys = await createTestKeys(['root', 'federation', 'issuing', 'status', 'tlog'])
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const whole = { ...systemAmbient(), ...ambient }
  const nbf = Math.floor(whole.now().getTime() / 1000) - 60
  const keySets = await signFirstKeySet(
    url,
    { root: keys.signer('root'), federation: keys.signer('federation') },
    nbf,
  )
  const logged: string[] = []
  const root = await startRoot(
    {
      port,
      host: '127.0.0.1',
      logLevel: 'debug',
      allowLoopbackHttp: true,
      entityId: url,
      databaseUrl: database.appUrl,
      databaseConnections: 10,
      keysDir: keys.directory,
      keyPassphraseFile: undefined,
      journalDir: join(keys.directory, 'journal'),
      feedRetentionChanges: 1_000_000,
      prefix: HOME_PREFIX,
      territory: 'CN',
      organizationName: 'Test authority',
      applicationsPerHour: 1000,
      logQuorum: 1,
      rootKeySetsText: keySets,
    },
    {
      ambient: whole,
      log: createLog({
        level: 'debug',
        service: 'root',
        destination: { write: (line) => void logged.push(line) },
      }),
    },
  )
  const operators = await createOperators({ db: issuerTables(database.db), ambient: systemAmbient() }, DESK, {
    recover: false,
  })
  return {
    url,
    root,
    database,
    keys,
    keySets,
    logged,
    get: (path, headers = {}) => fetch(`${url}${path}`, { headers }),
    officer(name) {
      const found = operators.find((operator) => operator.name === name)
      if (found === undefined) throw new Error(`nobody is called ${name}`)
      const authorization = `Bearer ${found.token}`
      return {
        id: found.id,
        token: found.token,
        get: (path) => fetch(`${url}${path}`, { headers: { authorization } }),
        post: (path, body, headers = {}) =>
          fetch(`${url}${path}`, {
            method: 'POST',
            headers: { authorization, 'content-type': 'application/json', ...headers },
            body: JSON.stringify(body),
          }),
      }
    },
    async [Symbol.asyncDispose]() {
      await root.stop()
      await database.drop()
      keys[Symbol.dispose]()
    },
  }
}
