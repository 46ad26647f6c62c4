import { z } from 'zod'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { openApiDocument } from '../src/http/openapi-document.ts'
import { PROVIDER_PERMISSIONS } from '../src/permissions.ts'
import { textOf } from './answers.ts'
import { INSTITUTE_B, verifiedRequester } from './requester-acts.ts'
import { startRootProcess, type RootProcess } from './start-root-process.ts'
import { startTestProvider, type Caller, type TestProvider } from './start-test-provider.ts'

let root: RootProcess
let provider: TestProvider
let callers: Record<string, Caller>
beforeAll(async () => {
  root = await startRootProcess()
  provider = await startTestProvider(root)
  await provider.appoint('1')
  callers = {
    reviewer: provider.operator('rita'),
    administrator: provider.operator('admin'),
    auditor: provider.operator('audit'),
    requester: await verifiedRequester(provider),
    applicant: provider.as(textOf(await provider.anyone.post('/v1/requesters', INSTITUTE_B), 'token')),
  }
})
afterAll(async () => {
  await provider[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

const Document = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.object({ 'x-action': z.string() }))),
})
const ROUTES = Object.entries(Document.parse(openApiDocument()).paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { 'x-action': action }]) => ({ path, method, action })),
)
const GUARDED = ROUTES.filter(({ action }) => action !== 'public')

/** Asks with a well-formed path and no body: whoever may act gets past the guard, to whatever comes next. */
async function ask(
  route: { path: string; method: string },
  headers: Record<string, string>,
): Promise<Response> {
  const path = route.path
    .replace('{id}', '019ab000-0000-7000-8000-000000000000')
    // Malformed on purpose: `forbidden` for another requester's code must not look like the guard's.
    .replace('{code}', 'x')
  return await fetch(`${provider.url}${path}`, { method: route.method.toUpperCase(), headers })
}

describe('the authorisation table', () => {
  test('names exactly the actions that routes have', () => {
    const used = new Set(GUARDED.map(({ action }) => action))
    expect([...used].toSorted()).toEqual(Object.keys(PROVIDER_PERMISSIONS).toSorted())
  })

  test.each(GUARDED)('$method $path ($action) is for its roles and for nobody else', async (route) => {
    const allowed: readonly string[] = PROVIDER_PERMISSIONS[route.action as keyof typeof PROVIDER_PERMISSIONS]
    for (const [role, { token }] of Object.entries(callers)) {
      const { status } = await ask(route, { authorization: `Bearer ${token}` })
      expect([role, status === 403]).toEqual([role, !allowed.includes(role)])
      expect(status).not.toBe(401)
    }
    expect((await ask(route, {})).status).toBe(401)
  })

  test('asks nobody who they are on the routes for everybody', async () => {
    for (const { path, method } of ROUTES.filter(({ action }) => action === 'public')) {
      const { status } = await ask(
        { path: path.replace('{list}', '0'), method },
        { authorization: 'Bearer x' },
      )
      expect([path, status === 401 || status === 403]).toEqual([path, false])
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
    ])
    const applied = await provider.anyone.post('/v1/requesters', INSTITUTE_B)
    expect(applied.headers.get('ratelimit-policy')).toBe('"requester-applications";q=1000;w=3600')
  })
})
