import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { migrateAll } from '@arc3088/db'
import { createOperators, enrolOfficers, issuerTables } from '@arc3088/issuer'
import { createMemorySigner, generateSigningKey, signShownProposal, type Signer } from '@arc3088/records'
import { HOME_PREFIX, parseRootPrefix } from '@arc3088/codec'
import { createLog, systemAmbient, type Ambient } from '@arc3088/service'
import {
  createTestDatabase,
  freePort,
  type TestDatabase,
  createTestKeys,
  signFirstKeySet,
  type TestKeys,
} from '@arc3088/testkit'

import type { RootConfig } from '../src/config.ts'
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

/** A real root on a port of its own, with three officers and one of each other role. */
export interface TestRoot extends AsyncDisposable {
  readonly url: string
  readonly root: RunningRoot
  readonly database: TestDatabase<RootTables>
  readonly keys: TestKeys
  readonly keySets: string
  /** Where those stand, and are followed from. */
  readonly keySetsFile: string
  /** What the log said, a line each. */
  readonly logged: readonly string[]
  officer(name: TestOfficerName): TestOfficer
  /** The keys of ann, bo and cy, who are officers. */
  officerKey(name: OfficerName): Signer
  /** Proposes an act and signs it; throws where the desk refuses. */
  propose(kind: string, ask: object, by?: OfficerName): Promise<TestProposal>
  /** Signs one's own proposal, or approves another's, as that officer would; the answer whatever it is. */
  sign(proposal: TestProposal, by?: OfficerName): Promise<Response>
  approve(proposal: TestProposal, by?: OfficerName, options?: ApproveOptions): Promise<Response>
  /** Has an act decided by ann and bo, and by cy where it takes three; answers its outcome, throws where it is refused. */
  act(kind: string, ask: object): Promise<Record<string, unknown>>
  get(path: string, headers?: Record<string, string>): Promise<Response>
  /** Takes the process of the root away, and brings another up on the same database, keys and port. */
  down(): Promise<void>
  up(): Promise<void>
}

/** What may differ between two roots. */
export interface TestRootOptions {
  readonly prefix?: string
  readonly territory?: string
}

/** Officers have keys; the threshold is two of these three. */
const OFFICERS = ['ann', 'bo', 'cy'] as const
export type OfficerName = (typeof OFFICERS)[number]
export type TestOfficerName = OfficerName | 'clerk' | 'auditor' | 'administrator'

/** A proposal as the desk shows it. */
export interface TestProposal {
  readonly id: string
  readonly kind: string
  readonly payload: Record<string, unknown>
  readonly hash: string
  readonly decision: { readonly payload: string } | null
}

/** What may differ from a good approval. */
export interface ApproveOptions {
  readonly key?: string
  readonly hash?: string
  readonly reason?: string
  readonly signer?: Signer
}

const DESK = [
  { name: 'clerk', role: 'clerk' },
  { name: 'auditor', role: 'auditor' },
  { name: 'administrator', role: 'administrator' },
] as const

/** Starts a root as `main.ts` does, over HTTP and real SQL as the `_app` role. */
export async function startTestRoot(
  ambient: Partial<Ambient> = {},
  options: TestRootOptions = {},
): Promise<TestRoot> {
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
  const keySetsFile = join(keys.directory, 'root-key-sets.json')
  writeFileSync(keySetsFile, keySets)
  const logged: string[] = []
  const config: RootConfig = {
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
    prefix: parseRootPrefix(options.prefix ?? HOME_PREFIX),
    territory: options.territory ?? 'CN',
    organizationName: 'Test authority',
    applicationsPerHour: 1000,
    logQuorum: 1,
    rootKeySetsText: keySets,
    rootKeySetsFile: keySetsFile,
  }
  const parts = {
    ambient: whole,
    log: createLog({
      level: 'debug',
      service: 'root',
      destination: { write: (line) => void logged.push(line) },
    }),
  }
  let root = await startRoot(config, parts)
  let isUp = true
  const enrolling = { db: issuerTables(database.db), ambient: systemAmbient() }
  const officerKeys = new Map<OfficerName, Signer>()
  for (const name of OFFICERS) {
    const { privateJwk } = await generateSigningKey('ES256')
    officerKeys.set(name, await createMemorySigner({ alg: 'ES256', privateJwk }))
  }
  const officers = await enrolOfficers(
    { ...enrolling, entityId: url, keysDir: keys.directory, signer: keys.signer('federation') },
    {
      officers: [...officerKeys].map(([name, { publicJwk }]) => ({ name, jwk: publicJwk })),
      threshold: 2,
    },
  )
  const operators = [...officers, ...(await createOperators(enrolling, DESK, { recover: true }))]
  const officerKey = (name: OfficerName): Signer => {
    const signer = officerKeys.get(name)
    if (signer === undefined) throw new Error(`${name} has no key`)
    return signer
  }
  const officer = (name: TestOfficerName): TestOfficer => {
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
  }
  const signatureOf = async (signer: Signer, proposal: TestProposal) => {
    const signature = await signShownProposal(signer, proposal)
    if ('kind' in signature) throw new Error(signature.detail)
    return signature
  }
  const sign = async (proposal: TestProposal, by: OfficerName = 'ann'): Promise<Response> =>
    await officer(by).post(`/v1/desk/proposals/${proposal.id}/sign`, {
      hash: proposal.hash,
      signature: await signatureOf(officerKey(by), proposal),
    })
  const approve = async (
    proposal: TestProposal,
    by: OfficerName = 'bo',
    {
      key = proposal.id,
      hash = proposal.hash,
      reason = 'checked',
      signer = officerKey(by),
    }: ApproveOptions = {},
  ): Promise<Response> =>
    await officer(by).post(
      `/v1/desk/proposals/${proposal.id}/approve`,
      { hash, reason, signature: await signatureOf(signer, proposal) },
      { 'idempotency-key': key },
    )
  const propose = async (kind: string, ask: object, by: OfficerName = 'ann'): Promise<TestProposal> => {
    const response = await officer(by).post('/v1/desk/proposals', { kind, ask, reason: 'as was asked' })
    if (response.status !== 201) throw new Error(await response.text())
    const proposal = (await response.json()) as TestProposal
    const signed = await sign(proposal, by)
    if (signed.status !== 200) throw new Error(await signed.text())
    return proposal
  }
  return {
    url,
    get root() {
      return root
    },
    database,
    keys,
    keySets,
    keySetsFile,
    logged,
    get: (path, headers = {}) => fetch(`${url}${path}`, { headers }),
    officer,
    officerKey,
    propose,
    sign,
    approve,
    async act(kind, ask) {
      const proposal = await propose(kind, ask)
      const first = await approve(proposal)
      const response = first.status === 202 ? await approve(proposal, 'cy') : first
      if (response.status !== 201) throw new Error(await response.text())
      const { outcome } = (await response.json()) as { outcome: Record<string, unknown> }
      return outcome
    },
    async down() {
      isUp = false
      await root.stop()
    },
    async up() {
      root = await startRoot(config, parts)
      isUp = true
    },
    async [Symbol.asyncDispose]() {
      if (isUp) await root.stop()
      await database.drop()
      keys[Symbol.dispose]()
    },
  }
}
