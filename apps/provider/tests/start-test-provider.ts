import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { migrateAll } from '@arc3088/db'
import { createOperators, issuerTables } from '@arc3088/issuer'
import { MEDIA_TYPE, signRegistryRequest } from '@arc3088/records'
import { createLog, systemAmbient, type Ambient } from '@arc3088/service'
import { createTestDatabase, freePort, waitFor, type TestDatabase, createTestKeys } from '@arc3088/testkit'
import { v7 } from 'uuid'

import type { ProviderConfig } from '../src/config.ts'
import { PROVIDER_MIGRATIONS } from '../src/db/migrations/index.ts'
import type { ProviderTables } from '../src/db/tables.ts'
import { startProvider, type RunningProvider } from '../src/start.ts'
import { readJson, textOf, type Answer } from './answers.ts'
import { nodeProcess, type NodeProcess } from './node-process.ts'
import type { RootProcess } from './start-root-process.ts'

/** Somebody with a token, with verbs; a POST gets an Idempotency-Key of its own unless it brings one. */
export interface Caller {
  readonly token: string
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  put(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>
}

/** A real provider on a port of its own, over real SQL as the `_app` role. */
export interface TestProvider extends AsyncDisposable {
  readonly url: string
  readonly running: () => RunningProvider
  readonly database: TestDatabase<ProviderTables>
  /** Its KEYS_DIR. */
  readonly keysDirectory: string
  /** What the log said, a line each. */
  readonly logged: readonly string[]
  readonly anyone: Caller
  operator(name: 'rita' | 'rolf' | 'admin' | 'audit'): Caller
  as(token: string): Caller
  /** Has the root assign a code, as two officers do. */
  applyAndBeAssigned(code: string | null, taken?: (applicationId: string) => Promise<void>): Promise<void>
  /** The same, and waits until this provider has learned it, with the proof that strangers ask for. */
  appoint(code: string | null): Promise<void>
  restart(): Promise<void>
  /** The same node, to be run as a process of its own; this one is stopped. */
  asProcess(): Promise<NodeProcess>
}

const DESK = [
  { name: 'rita', role: 'reviewer' },
  { name: 'rolf', role: 'reviewer' },
  { name: 'admin', role: 'administrator' },
  { name: 'audit', role: 'auditor' },
] as const

/** Starts a provider below a root. */
export async function startTestProvider(
  root: Pick<RootProcess, 'url' | 'anchorText' | 'post' | 'decide'>,
  ambient: Partial<Ambient> = {},
  change: Partial<ProviderConfig> = {},
): Promise<TestProvider> {
  const database = await createTestDatabase<ProviderTables>({
    template: 'provider',
    migrate: (owner) => migrateAll(owner, PROVIDER_MIGRATIONS),
  })
  const keys = await createTestKeys(['federation', 'issuing', 'status', 'tlog'])
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const logged: string[] = []
  const start = () =>
    startProvider(
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
        rootUrl: root.url,
        anchorText: root.anchorText,
        organizationName: 'Company A',
        applicationsPerHour: 1000,
        ...change,
      },
      {
        ambient: { ...systemAmbient(), ...ambient },
        log: createLog({
          level: 'debug',
          service: 'provider',
          destination: { write: (line) => void logged.push(line) },
        }),
      },
    )
  let provider = await start()
  let isStopped = false
  const operators = await createOperators({ db: issuerTables(database.db), ambient: systemAmbient() }, DESK, {
    recover: false,
  })

  function as(token: string): Caller {
    const send = async (
      method: string,
      path: string,
      body: unknown,
      headers: Record<string, string>,
    ): Promise<Answer> =>
      await readJson(
        await fetch(`${url}${path}`, {
          method,
          headers: {
            ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      )
    return {
      token,
      get: (path, headers = {}) => send('GET', path, undefined, headers),
      post: (path, body, headers = {}) => send('POST', path, body, { 'idempotency-key': v7(), ...headers }),
      put: (path, body, headers = {}) => send('PUT', path, body, headers),
    }
  }

  async function apply(): Promise<string> {
    const federation = keys.signer('federation')
    const iat = Math.floor(Date.now() / 1000)
    const path = '/v1/provider-applications'
    const request = await signRegistryRequest(federation, {
      iss: url,
      sub: url,
      aud: root.url,
      iat,
      exp: iat + 300,
      jti: v7(),
      method: 'POST',
      path,
      body: {
        organization: { name: '公司A', name_en: 'Company A', country: 'CN' },
        contact: 'desk@a.example',
        jwks: { keys: [JSON.parse(JSON.stringify(federation.publicJwk))] },
      },
    })
    const response = await fetch(`${root.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': MEDIA_TYPE.registryRequest },
      body: request,
    })
    return textOf(await readJson(response), 'id')
  }

  async function applyAndBeAssigned(
    code: string | null,
    taken: (applicationId: string) => Promise<void> = async () => undefined,
  ): Promise<void> {
    const id = await apply()
    const application = `/v1/desk/applications/${id}`
    await root.post('ann', `${application}/take`, {})
    await taken(id)
    const proposal = await root.post('ann', `${application}/propose-approval`, { code, reason: 'complete' })
    await root.decide(proposal)
  }

  return {
    url,
    running: () => provider,
    database,
    keysDirectory: keys.directory,
    logged,
    anyone: as(''),
    as,
    operator(name) {
      const found = operators.find((operator) => operator.name === name)
      if (found === undefined) throw new Error(`nobody is called ${name}`)
      return as(found.token)
    },
    applyAndBeAssigned,
    async appoint(code) {
      await applyAndBeAssigned(code)
      const isReady = async () => (await fetch(`${url}/readyz`)).ok
      await waitFor(isReady, { what: 'the appointment' })
      const isProved = () => provider.deps.appointment.demand().word.log_proof !== undefined
      await waitFor(isProved, { what: "the proof from the root's log" })
    },
    async restart() {
      await provider.stop()
      provider = await start()
    },
    async asProcess() {
      await provider.stop()
      isStopped = true
      const anchorFile = join(keys.directory, 'anchor.json')
      writeFileSync(anchorFile, root.anchorText)
      return nodeProcess('provider', {
        PORT: String(port),
        HOST: '127.0.0.1',
        LOG_LEVEL: 'error',
        ALLOW_LOOPBACK_HTTP: 'true',
        ENTITY_ID: url,
        DATABASE_URL: database.appUrl,
        KEYS_DIR: keys.directory,
        JOURNAL_DIR: join(keys.directory, 'journal'),
        ROOT_URL: root.url,
        TRUST_ANCHOR_FILE: anchorFile,
      })
    },
    async [Symbol.asyncDispose]() {
      if (!isStopped) await provider.stop()
      await database.drop()
      keys[Symbol.dispose]()
    },
  }
}
