import { readAssignmentRecord, readResolutionAnswer, verifyResolutionAnswer } from '@arc3088/records'
import { pinAnchor, verifyEvidence, type PinnedAnchor } from '@arc3088/trust'
import { v7 } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { textOf } from './answers.ts'
import {
  approvedOntology,
  DESCRIPTION,
  ontologyUnderReview,
  verifiedRequester,
  type TestRequester,
} from './requester-acts.ts'
import { startRootProcess, type RootProcess } from './start-root-process.ts'
import { startTestProvider, type TestProvider } from './start-test-provider.ts'

let root: RootProcess
let provider: TestProvider
let instituteB: TestRequester

beforeAll(async () => {
  root = await startRootProcess()
  provider = await startTestProvider(root)
  await provider.appoint('1')
  instituteB = await verifiedRequester(provider, '34C2')
})

afterAll(async () => {
  await provider[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

function anchor(): PinnedAnchor {
  const pinned = pinAnchor(root.anchorText)
  if ('kind' in pinned) throw new Error(pinned.detail)
  return pinned
}

async function verdictOf(code: string): Promise<string> {
  const { body } = await provider.anyone.get(`/v1/codes/${code}`)
  const at = Math.floor(Date.now() / 1000)
  return (await verifyEvidence({ code, bundle: body, anchor: anchor(), at })).verdict
}

test('assigns the codes of annex C, and a stranger with the pinned key set finds each of them valid', async () => {
  expect(instituteB.code).toBe('1.2.156.3088.1.1.34C2')
  const ontology = await approvedOntology(provider, instituteB, '478BDF')
  expect(ontology).toBe('1.2.156.3088.1.1.34C2.478BDF.0')
  const registered = await instituteB.post(`/v1/ontologies/${ontology}/instances`, { serial: '3GF546' })
  expect(registered.status).toBe(201)
  expect(textOf(registered, 'code')).toBe('1.2.156.3088.1.1.34C2.478BDF.3GF546')
  expect(await verdictOf(instituteB.code)).toBe('valid')
  expect(await verdictOf(ontology)).toBe('valid')
  expect(await verdictOf('1.2.156.3088.1.1.34C2.478BDF.3GF546')).toBe('valid')
  expect(await verdictOf('1.2.156.3088.1.1.34c2.478bdf.3gf546')).toBe('valid')
})

test('says in the record of an ontology what its core is, by a digest that anybody can compute', async () => {
  const ontology = await approvedOntology(provider, instituteB)
  const answer = await provider.anyone.get(`/v1/codes/${ontology}`, {
    accept: 'application/agent-code-assignment+jwt',
  })
  const read = readAssignmentRecord(answer.text)
  if (read.kind === 'rejected') throw new Error(read.detail)
  expect(read.claims.code_assignment).toMatchObject({
    level: 'ontology',
    instance: '0',
    core_profile: 'arc3088-core-1',
    core_digest: expect.stringMatching(/^sha-256:[\w-]{43}$/),
  })
  expect(answer.text).not.toContain('Literature')
})

test('answers a retry with the same bytes, in any letter case, and another body under the key not at all', async () => {
  const ontology = await approvedOntology(provider, instituteB)
  const path = `/v1/ontologies/${ontology}/instances`
  const key = { 'idempotency-key': v7() }
  const first = await instituteB.post(path, {}, key)
  const again = await instituteB.post(`/v1/ontologies/${ontology.toLowerCase()}/instances`, {}, key)
  expect(first.status).toBe(201)
  expect(again.status).toBe(201)
  expect(again.text).toBe(first.text)
  expect([first, again].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true'])
  const other = await instituteB.post(path, { serial: '5' }, key)
  expect(other).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } })
})

test('gives a contested serial to exactly one of 64, and says to each of the rest that it is taken', async () => {
  const ontology = await approvedOntology(provider, instituteB)
  const answers = await Promise.all(
    Array.from({ length: 64 }, () =>
      instituteB.post(`/v1/ontologies/${ontology}/instances`, { serial: 'RACE' }),
    ),
  )
  const won = answers.filter(({ status }) => status === 201)
  expect(won).toHaveLength(1)
  const lost = answers.filter(({ status }) => status !== 201)
  expect(new Set(lost.map(({ status, body }) => `${status} ${String(body['code'])}`))).toEqual(
    new Set(['409 code-taken']),
  )
})

test('gives 300 automatic registrations, a third of them retried at once, 300 distinct codes', async () => {
  const ontology = await approvedOntology(provider, instituteB)
  const path = `/v1/ontologies/${ontology}/instances`
  const keys = Array.from({ length: 300 }, () => v7())
  const retried = keys.filter((_, nth) => nth % 3 === 0)
  const answers = await Promise.all(
    [...keys, ...retried].map(async (key) => {
      const answer = await instituteB.post(path, {}, { 'idempotency-key': key })
      expect(answer.status).toBe(201)
      return { key, text: answer.text, code: textOf(answer, 'code') }
    }),
  )
  expect(new Set(answers.map(({ code }) => code)).size).toBe(300)
  expect(new Set(answers.map(({ key, text }) => `${key} ${text}`)).size).toBe(300)
})

test('makes one code of one submission, however many reviewers approve it at once', async () => {
  const id = await ontologyUnderReview(provider, instituteB)
  const answers = await Promise.all(
    Array.from({ length: 16 }, (_, nth) =>
      provider
        .operator(nth % 2 === 0 ? 'rita' : 'rolf')
        .post(`/v1/desk/ontologies/${id}/approve`, { reason: `approval ${nth}` }),
    ),
  )
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
  expect(answers.filter(({ body }) => body['code'] === 'ontology-state')).toHaveLength(15)
})

test('verifies an applicant once, however many reviewers do it at once', async () => {
  const id = textOf(
    await provider.anyone.post('/v1/requesters', {
      kind: 'organization',
      name: 'Twice Ltd',
      country: 'SG',
      contact: 'desk@twice.example',
      local_identifiers: [{ scheme: 'UEN', value: '201912345K' }],
    }),
    'id',
  )
  const answers = await Promise.all(
    Array.from({ length: 8 }, () =>
      provider.operator('rita').post(`/v1/desk/requesters/${id}/verify`, { reason: 'the register says so' }),
    ),
  )
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
  expect(answers.filter(({ body }) => body['code'] === 'requester-state')).toHaveLength(7)
})

test('keeps each requester to its own things', async () => {
  const other = await verifiedRequester(provider)
  const draft = await instituteB.post('/v1/ontologies', { description: DESCRIPTION })
  const id = textOf(draft, 'id')
  const ontology = await approvedOntology(provider, instituteB)
  const refused = await Promise.all([
    other.get(`/v1/ontologies/${id}`),
    other.put(`/v1/ontologies/${id}`, { description: DESCRIPTION }, { 'if-match': '"1"' }),
    other.post(`/v1/ontologies/${id}/submit`),
    other.post(`/v1/ontologies/${ontology}/instances`, {}),
    other.post(`/v1/codes/${ontology}/lock`, { reason: 'mischief' }),
  ])
  expect(refused.map(({ status }) => status)).toEqual([404, 404, 404, 403, 403])
  expect((await other.get('/v1/ontologies')).body['items']).toEqual([])
})

test('signs that a code was never assigned, with the key that assigns', async () => {
  const never = '1.2.156.3088.1.1.34C2.478BDF.ZZZ'
  const answer = await provider.anyone.get(`/v1/codes/${never}`)
  expect(answer.status).toBe(404)
  const read = readResolutionAnswer(answer.text)
  if (read.kind === 'rejected') throw new Error(read.detail)
  expect(read.claims).toMatchObject({ sub: never, result: 'not_assigned', iss: provider.url })
  const keys = provider.running().deps.node.keys.published('issuing')
  expect((await verifyResolutionAnswer(answer.text, keys)).kind).toBe('verified')
})

test.each([
  ['1.2.156.3088.1.1', 404, 'code-not-mine'],
  ['1.2.156.3088.1.2.34C2', 404, 'code-not-mine'],
  ['1.2.156.3089.1.1.34C2.478BDF.3GF546', 404, 'code-not-mine'],
  ['1.2.156.3088.2.1.34C2.478BDF.3GF546', 400, 'code-version-unsupported'],
  ['1.2.156.3088.1.1.034C2.478BDF.3GF546', 400, 'code-malformed'],
  ['1.2.156.3088.1.1.34C2.478BDF', 400, 'code-malformed'],
  ['1.2.156.3088.1.1.34C2.478BDF.3GF546.', 400, 'code-malformed'],
])('does not answer for %s: %i %s', async (code, status, problem) => {
  const answer = await provider.anyone.get(`/v1/codes/${code}`)
  expect(answer).toMatchObject({ status, body: { code: problem } })
})
