import { readAssignmentRecord } from '@arc3088/records'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { approvedOntology, verifiedRequester } from './requester-acts.ts'
import { startRootProcess, type RootProcess } from './start-root-process.ts'
import { startTestProvider, type TestProvider } from './start-test-provider.ts'
import { textOf } from './answers.ts'

let root: RootProcess
let provider: TestProvider
beforeAll(async () => {
  root = await startRootProcess()
  provider = await startTestProvider(root)
  await provider.appoint(null)
})
afterAll(async () => {
  await provider[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

const PERSON = {
  kind: 'natural-person',
  name: '欧阳若水 Ouyang-Ruoshui',
  country: 'CN',
  contact: 'ruoshui@privat.example',
  local_identifiers: [{ scheme: 'resident identity card', value: '11010519491231002X' }],
  evidence: [
    {
      digest: 'sha-256:mW4kQz7Jx0vRtYb2HsLdPcNfGaUeXiOo93TqSyDl_58',
      description: 'copy of the card of Ruoshui',
    },
  ],
}
const SECRETS = ['欧阳', 'uyang', 'uoshui', 'privat.example', '1949123', 'mW4kQz7J', 'resident identity']

/** Base64url parts of every JWS are opened, so that nothing hides in them. */
function opened(text: string): string {
  const parts = text.match(/[A-Za-z0-9_-]{40,}/g) ?? []
  return [text, ...parts.map((part) => Buffer.from(part, 'base64url').toString('utf8'))].join('\n')
}

function expectSilent(where: string, text: string): void {
  const found = SECRETS.filter((secret) => opened(text).includes(secret))
  expect([where, found]).toEqual([where, []])
}

test('a natural person stands in no public answer, no audit entry and no line of the log', async () => {
  const person = await verifiedRequester(provider, undefined, PERSON)
  const ontology = await approvedOntology(provider, person)
  const instance = textOf(await person.post(`/v1/ontologies/${ontology}/instances`, {}), 'code')
  // Refusals are where bodies like to be repeated.
  await provider.anyone.post('/v1/requesters', { ...PERSON, country: 'XXX', extra: PERSON.name })
  await provider.anyone.post('/v1/requesters', { ...PERSON, name: { first: PERSON.name } })

  const types = [
    'application/json',
    'application/agent-code-assignment+jwt',
    'application/agent-code-resolution+jwt',
  ]
  for (const code of [person.code, ontology, instance]) {
    for (const accept of types) {
      const answer = await provider.anyone.get(`/v1/codes/${code}`, { accept })
      expect(answer.status).toBe(200)
      expectSilent(`${code} as ${accept}`, answer.text)
    }
  }
  const { body } = await provider.anyone.get('/status')
  const lists = (body['status_lists'] as string[]).map((uri) => new URL(uri).pathname)
  const addresses = [
    '/.well-known/openid-federation',
    '/v1/numbering-plan',
    '/v1/limits',
    '/openapi.json',
    '/metrics',
  ]
  for (const path of [...addresses, ...lists]) {
    const answer = await provider.anyone.get(path)
    expect(answer.status).toBe(200)
    expectSilent(path, answer.text)
  }
  expectSilent('audit', (await provider.operator('audit').get('/v1/desk/audit?limit=1000')).text)
  expectSilent('log', provider.logged.join('\n'))
  expect(provider.logged.length).toBeGreaterThan(0)
})

test('the record of a natural person says that it is one, and nothing else', async () => {
  const person = await verifiedRequester(provider, undefined, PERSON)
  const accept = 'application/agent-code-assignment+jwt'
  const read = readAssignmentRecord((await provider.anyone.get(`/v1/codes/${person.code}`, { accept })).text)
  if (read.kind === 'rejected') throw new Error(read.detail)
  expect(Object.keys(read.claims.code_assignment).toSorted()).toEqual(
    [
      'level',
      'log_key_digest',
      'parent',
      'provider',
      'requester',
      'requester_kind',
      'scheme_version',
    ].toSorted(),
  )
  expect(read.claims.code_assignment.requester_kind).toBe('natural-person')
})

test('the person and the desk see what was said to them', async () => {
  const person = await verifiedRequester(provider, undefined, PERSON)
  const me = await person.get('/v1/requesters/me')
  expect(me.body).toMatchObject({
    name: PERSON.name,
    contact: PERSON.contact,
    organization: null,
    state: 'active',
  })
  expect((await provider.operator('rita').get('/v1/desk/requesters')).text).toContain(PERSON.name)
})

test('an applicant can see how far it has come and nothing else, and works at once when verified', async () => {
  const receipt = await provider.anyone.post('/v1/requesters', PERSON)
  const applicant = provider.as(textOf(receipt, 'token'))
  expect((await applicant.get('/v1/requesters/me')).body).toMatchObject({ state: 'applied', code: null })
  expect((await applicant.get('/v1/ontologies')).status).toBe(403)
  const path = `/v1/desk/requesters/${textOf(receipt, 'id')}/verify`
  await provider.operator('rita').post(path, { reason: 'met in person' })
  expect((await applicant.get('/v1/ontologies')).status).toBe(200)
})
