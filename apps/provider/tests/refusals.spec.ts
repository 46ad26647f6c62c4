import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'

import {
  approvedOntology,
  DESCRIPTION,
  INSTITUTE_B,
  verifiedRequester,
  type TestRequester,
} from './requester-acts.ts'
import { startRootProcess, type RootProcess } from './start-root-process.ts'
import { startTestProvider, type TestProvider } from './start-test-provider.ts'

let root: RootProcess
let provider: TestProvider
let requester: TestRequester
let ontology: string
let killAt: string | undefined

beforeAll(async () => {
  root = await startRootProcess()
  provider = await startTestProvider(root, {
    reached(step) {
      if (step !== killAt) return
      killAt = undefined
      throw new Error(`killed at ${step}`)
    },
  })
  await provider.appoint(null)
  requester = await verifiedRequester(provider)
  ontology = await approvedOntology(provider, requester)
})
afterAll(async () => {
  await provider[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

const CAPABILITY = { name: 'search', decision_authority: 'autonomous' }

test.each([
  ['no name', { ...INSTITUTE_B, name: undefined }],
  ['an unknown member', { ...INSTITUTE_B, code: '34C2' }],
  ['no kind', { ...INSTITUTE_B, kind: undefined }],
  ['another kind', { ...INSTITUTE_B, kind: 'robot' }],
  ['a country in small letters', { ...INSTITUTE_B, country: 'cn' }],
  ['a person with an English name of an organisation', { ...INSTITUTE_B, kind: 'natural-person' }],
  ['an empty local identifier', { ...INSTITUTE_B, local_identifiers: [{ scheme: 'UEN', value: '' }] }],
  ['evidence without a digest', { ...INSTITUTE_B, evidence: [{ description: 'a letter' }] }],
  [
    'evidence at an address of another scheme',
    {
      ...INSTITUTE_B,
      evidence: [{ uri: 'file:///etc/passwd', digest: `sha-256:${'A'.repeat(43)}`, description: 'x' }],
    },
  ],
  ['a list', [INSTITUTE_B]],
  ['null', null],
])('refuses an application with %s', async (_, body) => {
  const answer = await provider.anyone.post('/v1/requesters', body)
  expect(answer).toMatchObject({ status: 400, body: { code: 'request-invalid' } })
})

test.each([
  ['no name at all', { ...DESCRIPTION, name: {} }],
  ['a name in a language nobody asked for', { ...DESCRIPTION, name: { fr: 'Assistant' } }],
  ['no capability', { ...DESCRIPTION, capabilities: [] }],
  ['one capability twice', { ...DESCRIPTION, capabilities: [CAPABILITY, CAPABILITY] }],
  ['a capability that nobody decides', { ...DESCRIPTION, capabilities: [{ name: 'search' }] }],
  [
    'another decision authority',
    { ...DESCRIPTION, capabilities: [{ ...CAPABILITY, decision_authority: 'fate' }] },
  ],
  ['one permission twice', { ...DESCRIPTION, permissions: ['web', 'web'] }],
  ['a scenario that the policy does not have', { ...DESCRIPTION, scenario: 'gambling' }],
  ['an unknown member', { ...DESCRIPTION, certified: true }],
])('refuses a description with %s', async (_, description) => {
  const answer = await requester.post('/v1/ontologies', { description })
  expect(answer).toMatchObject({ status: 400, body: { code: 'request-invalid' } })
})

test('refuses a description of more than 64 KiB, and names it', async () => {
  const description = 'x'.repeat(4000)
  const capabilities = Array.from({ length: 17 }, (_, nth) => ({
    ...CAPABILITY,
    name: `${nth}`,
    description,
  }))
  const answer = await requester.post('/v1/ontologies', { description: { ...DESCRIPTION, capabilities } })
  expect(answer).toMatchObject({
    status: 400,
    body: {
      code: 'request-invalid',
      errors: [{ in: 'json', field: 'description', message: 'at most 65536 bytes of JSON' }],
    },
  })
})

test.each([
  [{ serial: '0' }, 422, 'number-out-of-plan'],
  [{ serial: 'ZZZZZZZZZ' }, 422, 'number-out-of-plan'],
  [{ serial: '01' }, 400, 'code-malformed'],
  [{ serial: 'A-1' }, 400, 'code-malformed'],
  [{ serial: '' }, 400, 'request-invalid'],
  [{ serial: 'ABCDEFGHIJ' }, 400, 'request-invalid'],
  [{ serial: 7 }, 400, 'request-invalid'],
  [{ number: '7' }, 400, 'request-invalid'],
  [[], 400, 'request-invalid'],
])('refuses the registration %j: %i %s', async (body, status, problem) => {
  const answer = await requester.post(`/v1/ontologies/${ontology}/instances`, body)
  expect(answer).toMatchObject({ status, body: { code: problem } })
})

test.each([
  ['that is no code', (): string => '1.2.156.3088.1.1.34C2.', 400, 'code-malformed'],
  ['of another provider', (): string => '1.2.156.3088.1.ZZ.1.1.0', 404, 'code-not-mine'],
  ['that is a prefix', (): string => requester.code, 404, 'code-not-found'],
  ['that was never assigned', (): string => `${requester.code}.1Z9.0`, 404, 'ontology-not-found'],
  ['that is an instance', (): string => ontology.replace(/\.0$/, '.7'), 404, 'ontology-not-found'],
] as const)('refuses a registration below a code %s', async (_, code, status, problem) => {
  const answer = await requester.post(`/v1/ontologies/${code()}/instances`, {})
  expect(answer).toMatchObject({ status, body: { code: problem } })
})

test('refuses to assign without an Idempotency-Key', async () => {
  const response = await fetch(`${provider.url}/v1/ontologies/${ontology}/instances`, {
    method: 'POST',
    headers: { authorization: `Bearer ${requester.token}`, 'content-type': 'application/json' },
    body: '{}',
  })
  expect([response.status, await response.json()]).toMatchObject([400, { code: 'idempotency-key-missing' }])
})

test.each([
  ['assignment:locked', 'lost', 'K1'],
  ['assignment:judged', 'lost', 'K2'],
  ['assignment:signed', 'lost', 'K3'],
  ['assignment:written', 'lost', 'K4'],
  ['assignment:committed', 'kept', 'K5'],
] as const)(
  'a registration killed at %s is wholly %s, and the same again succeeds',
  async (step, fate, serial) => {
    const path = `/v1/ontologies/${ontology}/instances`
    const code = ontology.replace(/0$/, serial)
    const key = { 'idempotency-key': `kill at ${step}`.replaceAll(' ', '-') }
    killAt = step
    // The express lane would give what is killed once a second life at once.
    const longWay = { ...key, 'content-type': 'application/json; charset=utf-8' }
    expect((await requester.post(path, { serial }, longWay)).status).toBe(500)
    const number = Number.parseInt(serial, 36)
    const counts = await Promise.all(
      (['code_ledger', 'assignment_record', 'idempotency'] as const).map(async (table) => {
        const rows = await provider.database.db
          .selectFrom(table)
          .select('instance')
          .where('instance', '=', number)
          .execute()
        return rows.length
      }),
    )
    expect(counts).toEqual(Array.from({ length: 3 }, () => (fate === 'lost' ? 0 : 1)))
    expect((await provider.anyone.get(`/v1/codes/${code}`)).status).toBe(fate === 'lost' ? 404 : 200)
    const again = await requester.post(path, { serial }, key)
    expect([again.status, again.body['code']]).toEqual([201, code])
  },
)

test('a lock killed before its commit changes neither the code nor its status', async () => {
  killAt = 'life:written'
  expect((await requester.post(`/v1/codes/${ontology}/lock`, { reason: 'x' })).status).toBe(500)
  expect(await provider.database.db.selectFrom('status_entry').selectAll().execute()).toEqual([])
  expect((await requester.post(`/v1/ontologies/${ontology}/instances`, {})).status).toBe(201)
})

const TABLES = [
  'code_ledger',
  'assignment_record',
  'audit_entry',
  'ontology_transition',
  'code_transition',
] as const

test.each(TABLES)('PostgreSQL lets the node neither update, delete nor truncate %s', async (table) => {
  const { db } = provider.database
  const column = table.endsWith('transition') || table === 'audit_entry' ? 'actor' : 'provider'
  const value = column === 'actor' ? sql`'nobody'` : sql`7`
  const name = sql.table(table)
  await expect(sql`update ${name} set ${sql.ref(column)} = ${value}`.execute(db)).rejects.toThrow('denied')
  await expect(sql`delete from ${name}`.execute(db)).rejects.toThrow('denied')
  await expect(sql`truncate ${name}`.execute(db)).rejects.toThrow('denied')
})
