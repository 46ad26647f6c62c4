import { readFileSync } from 'node:fs'

import { z } from 'zod'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { openApiDocument } from '../src/http/openapi-document.ts'
import { ROOT_PERMISSIONS, ROOT_ROLES } from '../src/permissions.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { readJson } from './test-applicant.ts'

let root: TestRoot
beforeAll(async () => {
  root = await startTestRoot()
})
afterAll(async () => {
  await root[Symbol.asyncDispose]()
})

const Document = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.object({ 'x-action': z.string() }))),
})

const ROUTES = Object.entries(Document.parse(openApiDocument()).paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { 'x-action': action }]) => ({ path, method, action })),
)
const GUARDED = ROUTES.filter(({ action }) => action !== 'public')
const HOLDERS = {
  officer: 'ann',
  clerk: 'clerk',
  auditor: 'auditor',
  administrator: 'administrator',
} as const

/** Asks with a well-formed path and no body: whoever may act gets past the guard, to whatever comes next. */
async function ask(
  route: { path: string; method: string },
  headers: Record<string, string>,
): Promise<Response> {
  const path = route.path.replace('{id}', '019ab000-0000-7000-8000-000000000000')
  return await fetch(`${root.url}${path}`, { method: route.method.toUpperCase(), headers })
}

describe('the authorisation table', () => {
  test('names exactly the actions that routes have', () => {
    const used = new Set(GUARDED.map(({ action }) => action))
    expect([...used].toSorted()).toEqual(Object.keys(ROOT_PERMISSIONS).toSorted())
    expect(GUARDED.length).toBeGreaterThan(0)
  })

  test.each(GUARDED)('$method $path ($action) is for its roles and for nobody else', async (route) => {
    const allowed: readonly string[] = ROOT_PERMISSIONS[route.action as keyof typeof ROOT_PERMISSIONS]
    for (const role of ROOT_ROLES) {
      const authorization = `Bearer ${root.officer(HOLDERS[role]).token}`
      const { status } = await ask(route, { authorization })
      expect([role, status === 403]).toEqual([role, !allowed.includes(role)])
      expect(status).not.toBe(401)
    }
    expect((await ask(route, {})).status).toBe(401)
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
