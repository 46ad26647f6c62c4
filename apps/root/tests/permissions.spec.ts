import { readFileSync } from 'node:fs'

import { createOperators, issueCredential, issuerTables } from '@arc3088/issuer'
import { systemAmbient } from '@arc3088/service'
import { describedRoutes, type DescribedRoute } from '@arc3088/testkit'
import { z } from 'zod'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { openApiDocument } from '../src/http/openapi-document.ts'
import { ROOT_PERMISSIONS, ROOT_ROLES, type RootRole } from '../src/permissions.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { readJson } from './test-applicant.ts'

let root: TestRoot
const held = new Map<RootRole, Held>()
beforeAll(async () => {
  root = await startTestRoot()
  for (const role of ROOT_ROLES) held.set(role, await holdCredentials(role))
})
afterAll(async () => {
  await root[Symbol.asyncDispose]()
})

/** Well-formed, and of nothing that there is. Malformed where `forbidden` could come from elsewhere than the guard. */
const VALUES = {
  id: '019ab000-0000-7000-8000-000000000000',
  code: 'x',
  jti: '019ab000-0000-7000-8000-000000000000',
  hash: 'A'.repeat(43),
  entity: 'https%3A%2F%2Fnobody.example',
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
const ACTIONS = Object.keys(ROOT_PERMISSIONS)
const HOLDERS = {
  officer: 'ann',
  clerk: 'clerk',
  auditor: 'auditor',
  administrator: 'administrator',
} as const

/** What one role came to hold, good and no longer good. */
interface Held {
  readonly whole: string
  readonly never: Readonly<Record<'expired' | 'revoked' | 'of a disabled operator' | 'idle', string>>
  /** Held to this action, and to all others. */
  readonly to: ReadonlyMap<string, string>
  readonly but: ReadonlyMap<string, string>
}

async function holdCredentials(role: RootRole): Promise<Held> {
  const ambient = systemAmbient()
  const { db } = root.database
  const [soon, past] = [new Date(Date.now() + 3_600_000), new Date(Date.now() - 1000)]
  const issuer = { db: issuerTables(db), ambient }
  const made = await createOperators(issuer, [{ name: `${role} who left`, role }], { recover: true })
  await db
    .updateTable('operator')
    .set({ disabled_at: past })
    .where('id', '=', made[0]?.id ?? '')
    .execute()
  return await db.transaction().execute(async (tx) => {
    const owner = { kind: 'operator', id: root.officer(HOLDERS[role]).id }
    const make = async (extra: object, expiresAt = soon) =>
      await issueCredential(issuerTables(tx), ambient, { owner, expiresAt, ...extra })
    const change = (id: string) => tx.updateTable('api_token').where('id', '=', id)
    const revoked = await make({})
    await change(revoked.id).set({ revoked_at: past }).execute()
    const idle = await make({ kind: 'session', keyId: 'k' })
    await change(idle.id)
      .set({ used_at: new Date(Date.now() - 1_900_000) })
      .execute()
    const to = new Map<string, string>()
    const but = new Map<string, string>()
    for (const action of ACTIONS) {
      to.set(action, (await make({ scopes: [action] })).text)
      but.set(action, (await make({ scopes: ACTIONS.filter((each) => each !== action) })).text)
    }
    return {
      whole: root.officer(HOLDERS[role]).token,
      never: {
        expired: (await make({}, past)).text,
        revoked: revoked.text,
        'of a disabled operator': made[0]?.token ?? '',
        idle: idle.text,
      },
      to,
      but,
    }
  })
}

async function issue(role: RootRole, extra: object): Promise<string> {
  const owner = { kind: 'operator', id: root.officer(HOLDERS[role]).id }
  const expiresAt = new Date(Date.now() + 3_600_000)
  const { text } = await root.database.db
    .transaction()
    .execute((tx) => issueCredential(issuerTables(tx), systemAmbient(), { owner, expiresAt, ...extra }))
  return text
}

const UNKNOWN = `arc3088_${'A'.repeat(22)}_${'A'.repeat(43)}`
const wrongSecret = (token: string) => `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`

/** Asks with a well-formed path and no body: whoever may act gets past the guard, to whatever comes next. */
async function statusOf({ address, method }: DescribedRoute, token?: string): Promise<number> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return (await fetch(`${root.url}${address}`, { method, headers })).status
}

/** What the guard made of a request: its refusal, or `past` where something else answered. */
function gate(status: number): number | 'past' {
  return status === 401 || status === 403 ? status : 'past'
}

function fail(role: string): never {
  throw new Error(`${role} holds nothing`)
}

describe('the authorisation table', () => {
  test('names exactly the actions that routes have, and only roles that there are', () => {
    const used = new Set(GUARDED.map(({ action }) => action))
    expect([...used].toSorted()).toEqual(ACTIONS.toSorted())
    expect(new Set(Object.values<readonly string[]>(ROOT_PERMISSIONS).flat())).toEqual(new Set(ROOT_ROLES))
  })

  test.each(GUARDED)('$method $path ($action) is for its roles and for nobody else', async (route) => {
    const allowed: readonly string[] = ROOT_PERMISSIONS[route.action as keyof typeof ROOT_PERMISSIONS]
    expect(await statusOf(route)).toBe(401)
    expect(await statusOf(route, UNKNOWN)).toBe(401)
    for (const role of ROOT_ROLES) {
      const { whole, never, to, but } = held.get(role) ?? fail(role)
      const may = allowed.includes(role)
      // One of its own for each route, since one of them ends it.
      const session = await issue(role, { kind: 'session', keyId: 'k' })
      // A scope never widens a role: held to the very action, another role is still refused.
      for (const token of [whole, session, to.get(route.action)])
        expect([role, may, gate(await statusOf(route, token))]).toEqual([role, may, may ? 'past' : 403])
      expect([role, await statusOf(route, but.get(route.action))]).toEqual([role, 403])
      for (const [what, token] of Object.entries(never))
        expect([role, what, await statusOf(route, token)]).toEqual([role, what, 401])
      expect([role, await statusOf(route, wrongSecret(whole))]).toEqual([role, 401])
    }
  })

  test('asks nobody who they are on the routes for everybody', async () => {
    for (const route of ROUTES.filter(({ action }) => action === 'public')) {
      const headers = { authorization: 'Bearer x' }
      const { status, body } = await fetch(`${root.url}${route.address}`, { method: route.method, headers })
      await body?.cancel()
      expect([route.path, status === 401 || status === 403]).toEqual([route.path, false])
    }
  })

  test.each([
    ['no scheme', 'arc3088'],
    ['a token nobody was given', `Bearer arc3088_${'A'.repeat(22)}_${'A'.repeat(43)}`],
    ['rubbish', 'Bearer x'],
    ['another scheme', 'Basic YTpi'],
  ])('%s is no credential', async (_, authorization) => {
    const response = await fetch(`${root.url}/v1/desk/audit`, { headers: { authorization } })
    expect([response.status, (await readJson(response))['code']]).toEqual([401, 'unauthenticated'])
  })

  test('a wrong secret under a known id is no credential', async () => {
    const token = root.officer('auditor').token
    const wrong = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`
    const response = await fetch(`${root.url}/v1/desk/audit`, {
      headers: { authorization: `Bearer ${wrong}` },
    })
    expect(response.status).toBe(401)
  })
})

describe('the contract', () => {
  test('that is served is the one that is committed', async () => {
    const committed: unknown = JSON.parse(
      readFileSync(new URL('../../../docs/openapi/root.json', import.meta.url), 'utf8'),
    )
    expect(await (await root.get('/openapi.json')).json()).toEqual(committed)
  })

  test('health, version and metrics answer without a credential', async () => {
    const answers = await Promise.all(
      ['/livez', '/readyz', '/version', '/metrics'].map((path) => root.get(path)),
    )
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200])
  })

  test.each([
    ['/federation/fetch', 400, 'invalid_request'],
    ['/federation/fetch?sub=https://nobody.example', 404, 'not_found'],
    ['/federation/list?entity_type=agent_code_provider', 200, undefined],
  ])('%s answers in the words of OpenID Federation', async (path, status, error) => {
    const response = await root.get(path)
    const body: unknown = await response.json()
    expect(response.status).toBe(status)
    expect(z.object({ error: z.string() }).safeParse(body).data?.error).toBe(error)
  })

  test('the five negative answers never mix', async () => {
    const answers = await Promise.all(
      [
        '1.2.156.3088.1.01',
        '1.2.156.3088.1.ZZZ.1.1.1',
        '1.2.840.1.1.ZZZ',
        '1.2.156.3088.1.ZZZ',
        '1.2.156.3088.2.ZZZ',
        'nonsense',
      ].map((code) => root.get(`/v1/codes/${code}`)),
    )
    expect(answers.map((answer) => [answer.status, answer.headers.get('content-type')])).toEqual([
      [400, 'application/problem+json'],
      [404, 'application/problem+json'],
      [404, 'application/problem+json'],
      [404, 'application/agent-code-resolution+jwt'],
      [400, 'application/problem+json'],
      [400, 'application/problem+json'],
    ])
    const codes = await Promise.all(
      [0, 1, 2, 4, 5].map(async (nth) => (await readJson(answers[nth] ?? Response.json({})))['code']),
    )
    expect(codes).toEqual([
      'code-malformed',
      'code-not-mine',
      'code-not-mine',
      'code-version-unsupported',
      'code-malformed',
    ])
  })
})
