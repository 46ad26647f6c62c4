import { createHash } from 'node:crypto'

import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { textOf, type Answer } from './answers.ts'
import { sendBulk } from './bulk-client.ts'
import {
  approvedOntology,
  INSTITUTE_B,
  ontologyUnderReview,
  verifiedRequester,
  type TestRequester,
} from './requester-acts.ts'
import { startRootProcess, type RootProcess } from './start-root-process.ts'
import { startTestProvider, type TestProvider } from './start-test-provider.ts'

let root: RootProcess
let provider: TestProvider
let requester: TestRequester
let ontology: string
beforeAll(async () => {
  root = await startRootProcess()
  provider = await startTestProvider(root)
  await provider.appoint('1')
  await addRange({
    level: 'instance',
    name: 'toys',
    kind: 'scrambled',
    first: '100000000',
    last: '1000000ZZ',
  })
  await addRange({
    level: 'instance',
    name: 'toys-chosen',
    kind: 'chosen',
    first: 'Z00000000',
    last: 'Z0000000Z',
  })
  await addRange({
    level: 'ontology',
    name: 'toys',
    kind: 'sequential',
    first: '200000000',
    last: '2000000ZZ',
  })
  await addRange({ level: 'requester', name: 'toys', kind: 'sequential', first: '300000', last: '3000ZZ' })
  requester = await verifiedRequester(provider)
  ontology = await approvedOntology(provider, requester)
})
afterAll(async () => {
  await provider[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

async function addRange(range: { level: string; name: string; kind: string; first: string; last: string }) {
  const admin = provider.operator('admin')
  const { headers } = await admin.get('/v1/desk/numbering')
  const added = await admin.post(
    '/v1/desk/numbering/ranges',
    { ...range, business_type: 'toys', reason: 'toys number apart' },
    { 'if-match': headers.get('etag') ?? '' },
  )
  if (added.status !== 201) throw new Error(added.text)
}

const register = (body: object, headers: Record<string, string> = {}): Promise<Answer> =>
  requester.post(`/v1/ontologies/${ontology}/instances`, body, headers)
const lastSegment = (answer: Answer): string => textOf(answer, 'code').split('.').at(-1) ?? ''
const OF_TOYS = /^1000000[0-9A-Z]{2}$/

describe('an instance', () => {
  test('of a business type gets a serial of its range, and one that names none never does', async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, nth) => register(nth % 2 === 0 ? { business_type: 'toys' } : {})),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
    expect(new Set(answers.map(lastSegment)).size).toBe(60)
    expect(answers.map((answer) => OF_TOYS.test(lastSegment(answer)))).toEqual(
      answers.map((_, nth) => nth % 2 === 0),
    )
  })

  test('is the same for a retry, and another request under the key with another type or with none', async () => {
    const key = { 'idempotency-key': v7() }
    const first = await register({ business_type: 'toys' }, key)
    const again = await register({ business_type: 'toys' }, key)
    expect([first.status, again.status, again.text]).toEqual([201, 201, first.text])
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    const none = await register({}, key)
    expect(none).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } })
  })

  test('retried eight times at once is one', async () => {
    const key = { 'idempotency-key': v7() }
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => register({ business_type: 'toys' }, key)),
    )
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
    expect(answers[0]?.status).toBe(201)
  })

  test('chooses a serial of the chosen range of its own business type, and of no other', async () => {
    const own = await register({ business_type: 'toys', serial: 'Z00000007' })
    expect([own.status, lastSegment(own)]).toEqual([201, 'Z00000007'])
    const refused = [
      await register({ serial: 'Z00000008' }),
      await register({ business_type: 'toys', serial: '8' }),
    ]
    for (const answer of refused)
      expect(answer).toMatchObject({ status: 422, body: { code: 'number-out-of-plan', clause: '5.6 a' } })
  })

  test('of a business type that nobody planned for is refused with the clause, and its key is free', async () => {
    const key = { 'idempotency-key': v7() }
    const refused = await register({ business_type: 'boats' }, key)
    expect(refused).toMatchObject({
      status: 422,
      body: { code: 'range-unknown', clause: '5.6 a', business_type: 'boats' },
    })
    expect((await register({}, key)).status).toBe(201)
  })

  test.each([['Toys'], [''], ['-toys'], ['t'.repeat(65)], [7], [null]])(
    'of the business type %j is malformed',
    async (business_type) => {
      expect(await register({ business_type })).toMatchObject({
        status: 400,
        body: { code: 'request-invalid' },
      })
    },
  )

  test('that names no business type is remembered as it was before there were any', async () => {
    const instance = Number.parseInt(lastSegment(await register({})), 36)
    const { body_hash: remembered } = await provider.database.db
      .selectFrom('idempotency')
      .select('body_hash')
      .where('instance', '=', instance)
      .executeTakeFirstOrThrow()
    const asBefore = createHash('sha256')
      .update(JSON.stringify({ ontology, serial: null }))
      .digest()
    expect(Buffer.from(remembered).equals(asBefore)).toBe(true)
  })
})

describe('a line of many', () => {
  test('may name its business type, and is the retry of a single registration that does', async () => {
    const key = v7()
    const single = await register({ business_type: 'toys' }, { 'idempotency-key': key })
    const lines = [
      { key, business_type: 'toys' },
      { key: v7(), business_type: 'toys' },
      { key: v7() },
      { key: v7(), business_type: 'boats' },
      { key: v7(), business_type: 'Toys' },
    ].map((line) => JSON.stringify(line))
    const { lines: seen } = await sendBulk(provider.url, requester.token, { ontology, lines })
    expect(seen[0]).toMatchObject({ code: textOf(single, 'code'), replayed: true })
    expect(seen[1]?.code).toMatch(/\.1000000[0-9A-Z]{2}$/)
    expect(seen[2]?.code).not.toMatch(/\.1000000[0-9A-Z]{2}$/)
    expect(seen[3]?.problem).toMatchObject({ code: 'range-unknown', clause: '5.6 a' })
    expect(seen[4]?.problem).toMatchObject({ code: 'request-invalid' })
  })
})

describe('at the desk', () => {
  test('an ontology is approved with a serial of its business type, or refused where none is planned', async () => {
    const id = await ontologyUnderReview(provider, requester)
    const approve = (businessType: string | undefined, key = v7()) =>
      provider
        .operator('rita')
        .post(
          `/v1/desk/ontologies/${id}/approve`,
          { business_type: businessType, reason: 'reviewed' },
          { 'idempotency-key': key },
        )
    expect(await approve('boats')).toMatchObject({ status: 422, body: { code: 'range-unknown' } })
    const key = v7()
    const approved = await approve('toys', key)
    expect(textOf(approved, 'code')).toMatch(/\.2000000[0-9A-Z]{2}\.0$/)
    expect((await approve('toys', key)).text).toBe(approved.text)
    expect(await approve(undefined, key)).toMatchObject({
      status: 422,
      body: { code: 'idempotency-key-reused' },
    })
  })

  test('a requester is verified with a code of its business type, or refused where none is planned', async () => {
    const id = textOf(await provider.anyone.post('/v1/requesters', INSTITUTE_B), 'id')
    const verify = (businessType: string, key = v7()) =>
      provider
        .operator('rita')
        .post(
          `/v1/desk/requesters/${id}/verify`,
          { business_type: businessType, reason: 'the register says so' },
          { 'idempotency-key': key },
        )
    expect(await verify('boats')).toMatchObject({ status: 422, body: { code: 'range-unknown' } })
    const key = v7()
    const verified = await verify('toys', key)
    expect(textOf(verified, 'code')).toMatch(/\.3000[0-9A-Z]{2}$/)
    expect((await verify('toys', key)).text).toBe(verified.text)
  })
})
