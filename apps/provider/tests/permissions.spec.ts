import { createOperators, issueCredential, issuerTables } from '@arc3088/issuer'
import { systemAmbient } from '@arc3088/service'
import { describedRoutes, type DescribedRoute } from '@arc3088/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { openApiDocument } from '../src/http/openapi-document.ts'
import { PROVIDER_PERMISSIONS, PROVIDER_ROLES } from '../src/permissions.ts'
import { textOf } from './answers.ts'
import { INSTITUTE_B, verifiedRequester } from './requester-acts.ts'
import { startRootProcess, type RootProcess } from './start-root-process.ts'
import { startTestProvider, type Caller, type TestProvider } from './start-test-provider.ts'

let root: RootProcess
let provider: TestProvider
beforeAll(async () => {
  root = await startRootProcess()
  provider = await startTestProvider(root)
  await provider.appoint('1')
  const callers: Record<string, Caller> = {
    reviewer: provider.operator('rita'),
    administrator: provider.operator('admin'),
    auditor: provider.operator('audit'),
    requester: await verifiedRequester(provider),
    applicant: provider.as(textOf(await provider.anyone.post('/v1/requesters', INSTITUTE_B), 'token')),
  }
  for (const [role, { token }] of Object.entries(callers)) held.set(role, await holdCredentials(role, token))
})
afterAll(async () => {
  await provider[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

/** Well-formed, and of nothing that there is; a code is malformed on purpose: `forbidden` for another's is not the guard's. */
const VALUES = {
  id: '019ab000-0000-7000-8000-000000000000',
  code: 'x',
  name: 'nothing',
  index: '0',
  level: '0',
  list: '0',
  segment: '0',
}
const TOKEN_PATH = '/v1/desk/tokens/{id}'
const ROUTES = describedRoutes(openApiDocument(), VALUES).map((route) =>
  route.path === TOKEN_PATH ? { ...route, address: `/v1/desk/tokens/${'A'.repeat(22)}` } : route,
)
const GUARDED = ROUTES.filter(({ action }) => action !== 'public')
const ACTIONS = Object.keys(PROVIDER_PERMISSIONS)
const UNKNOWN = `arc3088_${'A'.repeat(22)}_${'A'.repeat(43)}`
const wrongSecret = (token: string) => `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`

/** What one role came to hold, good and no longer good. */
interface Held {
  readonly whole: string
  readonly never: Readonly<Record<string, string>>
  /** Held to this action, and to all others. */
  readonly to: ReadonlyMap<string, string>
  readonly but: ReadonlyMap<string, string>
}
const held = new Map<string, Held>()

/** Whose a token is, as the database says. */
async function ownerOf(token: string): Promise<{ kind: string; id: string }> {
  const [, id = ''] = /^arc3088_(.{22})_/.exec(token) ?? []
  const { principal_kind: kind, principal_id: principal } = await provider.database.db
    .selectFrom('api_token')
    .select(['principal_kind', 'principal_id'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return { kind, id: principal }
}

async function holdCredentials(role: string, whole: string): Promise<Held> {
  const ambient = systemAmbient()
  const { db } = provider.database
  const [soon, past] = [new Date(Date.now() + 3_600_000), new Date(Date.now() - 1000)]
  const owner = await ownerOf(whole)
  const leaver = await leaverOf(role, past)
  return await db.transaction().execute(async (tx) => {
    const make = async (extra: object, expiresAt = soon) =>
      await issueCredential(issuerTables(tx), ambient, { owner, expiresAt, ...extra })
    const revoked = await make({})
    await tx.updateTable('api_token').where('id', '=', revoked.id).set({ revoked_at: past }).execute()
    const to = new Map<string, string>()
    const but = new Map<string, string>()
    for (const action of ACTIONS) {
      to.set(action, (await make({ scopes: [action] })).text)
      but.set(action, (await make({ scopes: ACTIONS.filter((each) => each !== action) })).text)
    }
    const expired = (await make({}, past)).text
    return { whole, never: { expired, revoked: revoked.text, ...leaver }, to, but }
  })
}

/** A token of somebody of this role who was disabled; requesters leave otherwise. */
async function leaverOf(role: string, at: Date): Promise<Record<string, string>> {
  const found = PROVIDER_ROLES.find((each) => each === role)
  if (found === undefined) return {}
  const parts = { db: issuerTables(provider.database.db), ambient: systemAmbient() }
  const made = await createOperators(parts, [{ name: `${role} who left`, role }], { recover: true })
  const [{ id, token } = { id: '', token: '' }] = made
  await provider.database.db.updateTable('operator').set({ disabled_at: at }).where('id', '=', id).execute()
  return { 'of a disabled operator': token }
}

/** Asks with a well-formed path and no body: whoever may act gets past the guard, to whatever comes next. */
async function statusOf({ address, method }: DescribedRoute, token?: string): Promise<number> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const { status, body } = await fetch(`${provider.url}${address}`, { method, headers })
  await body?.cancel()
  return status
}

/** What the guard made of a request: its refusal, or `past` where something else answered. */
function gate(status: number): number | 'past' {
  return status === 401 || status === 403 ? status : 'past'
}

describe('the authorisation table', () => {
  test('names exactly the actions that routes have', () => {
    const used = new Set(GUARDED.map(({ action }) => action))
    expect([...used].toSorted()).toEqual(ACTIONS.toSorted())
  })

  test.each(GUARDED)('$method $path ($action) is for its roles and for nobody else', async (route) => {
    const allowed: readonly string[] = PROVIDER_PERMISSIONS[route.action as keyof typeof PROVIDER_PERMISSIONS]
    expect(await statusOf(route)).toBe(401)
    expect(await statusOf(route, UNKNOWN)).toBe(401)
    expect(held.size).toBe(5)
    for (const [role, { whole, never, to, but }] of held) {
      const may = allowed.includes(role)
      // A scope never widens a role: held to the very action, another role is still refused.
      for (const token of [whole, to.get(route.action)])
        expect([role, may, gate(await statusOf(route, token))]).toEqual([role, may, may ? 'past' : 403])
      expect([role, await statusOf(route, but.get(route.action))]).toEqual([role, 403])
      for (const [what, token] of Object.entries(never))
        expect([role, what, await statusOf(route, token)]).toEqual([role, what, 401])
      expect([role, await statusOf(route, wrongSecret(whole))]).toEqual([role, 401])
    }
  })

  test('asks nobody who they are on the routes for everybody', async () => {
    for (const route of ROUTES.filter(({ action }) => action === 'public')) {
      const status = await statusOf(route, 'x')
      expect([route.path, status === 401 || status === 403]).toEqual([route.path, false])
    }
  })
})

describe('the contract', () => {
  test('that is served is the one that is made without a database', async () => {
    const { text } = await provider.anyone.get('/openapi.json')
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(openApiDocument())))
  })

  test('the numbering plan is public: short serials by choice, long ones in no order', async () => {
    const { body } = await provider.anyone.get('/v1/numbering-plan')
    expect(body).toMatchObject({
      custom_serial: { segments: ['ontology', 'instance'], symbols_max: 9 },
      ranges: [
        { level: 'instance', name: 'chosen', kind: 'chosen', first: '1', last: 'ZZZZZZ' },
        { level: 'instance', name: 'general', kind: 'scrambled', first: '1000000', last: 'ZZZZZZZZ' },
        { level: 'ontology', name: 'chosen', kind: 'chosen', first: '1', last: 'ZZZZZZ' },
        { level: 'ontology', name: 'general', kind: 'scrambled', first: '1000000', last: 'ZZZZZZZZ' },
        { level: 'requester', name: 'chosen', kind: 'chosen', first: '1', last: 'ZZZZ' },
        { level: 'requester', name: 'general', kind: 'scrambled', first: '10000', last: 'ZZZZZ' },
      ],
    })
  })

  test('the limits in force are public, and the door keeps them', async () => {
    const { body } = await provider.anyone.get('/v1/limits')
    expect(body['rates']).toEqual([
      { name: 'requester-applications', requests: 1000, per_seconds: 3600 },
      { name: 'desk-sessions', requests: 600, per_seconds: 3600 },
      { name: 'checkpoints', requests: 1200, per_seconds: 60 },
    ])
    const applied = await provider.anyone.post('/v1/requesters', INSTITUTE_B)
    expect(applied.headers.get('ratelimit-policy')).toBe('"requester-applications";q=1000;w=3600')
  })
})
