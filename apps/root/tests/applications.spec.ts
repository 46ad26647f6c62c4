import { MEDIA_TYPE } from '@arc3088/records'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { createApplicant, newSigner, readJson, type ApplyOptions } from './test-applicant.ts'

let root: TestRoot
beforeAll(async () => {
  root = await startTestRoot()
})
afterAll(async () => {
  await root[Symbol.asyncDispose]()
})

const REQUEST_ID = '019ab000-0000-7000-8000-000000000001'

describe('an application from outside', () => {
  test('is received, and read back by whoever has its id', async () => {
    await using applicant = await createApplicant(root)
    const response = await applicant.apply({ body: { wished_code: 'q1' } })
    expect(response.status).toBe(201)
    const receipt = await readJson(response)
    expect(receipt).toMatchObject({ entity_id: applicant.entityId, state: 'applied' })
    const read = await root.get(`/v1/provider-applications/${String(receipt['id'])}`)
    expect(await readJson(read)).toEqual(receipt)
    const desk = await readJson(await root.officer('clerk').get('/v1/desk/applications?limit=1'))
    expect(desk['items']).toMatchObject([{ id: receipt['id'], kind: 'domestic', wished_code: 'Q1' }])
  })

  test('is overseas where its organisation is of another country (annex B b)', async () => {
    await using applicant = await createApplicant(root, { name: 'Institut X', country: 'FR' })
    await applicant.apply()
    const desk = await readJson(await root.officer('clerk').get('/v1/desk/applications?limit=1'))
    expect(desk['items']).toMatchObject([{ entity_id: applicant.entityId, kind: 'overseas' }])
  })

  test('is the same application when it is sent again with new times', async () => {
    await using applicant = await createApplicant(root)
    const first = await readJson(await applicant.apply({ requestId: REQUEST_ID }))
    const later = { requestId: REQUEST_ID, at: new Date(Date.now() - 30_000) }
    expect(await readJson(await applicant.apply(later))).toEqual(first)
  })

  test('cannot be changed by sending another body under the same request id', async () => {
    await using applicant = await createApplicant(root)
    await applicant.apply({ requestId: REQUEST_ID })
    const other = await applicant.apply({ requestId: REQUEST_ID, body: { contact: 'else@a.example' } })
    expect([other.status, (await readJson(other))['code']]).toEqual([422, 'idempotency-key-reused'])
  })

  test('sent 16 times at once is one application', async () => {
    await using applicant = await createApplicant(root)
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => applicant.apply({ requestId: REQUEST_ID })),
    )
    const receipts = await Promise.all(answers.map(readJson))
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([201]))
    expect(new Set(receipts.map((receipt) => receipt['id'])).size).toBe(1)
  })

  test('in another’s name does not keep that other from applying', async () => {
    await using victim = await createApplicant(root)
    const thief = await newSigner()
    const stolen = await victim.apply({
      signer: thief,
      body: { jwks: { keys: [JSON.parse(JSON.stringify(thief.publicJwk))] } },
    })
    expect(stolen.status).toBe(201)
    const take = async (receipt: Response) => {
      const { id } = await readJson(receipt)
      return await root.officer('clerk').post(`/v1/desk/applications/${String(id)}/take`, {})
    }
    expect((await readJson(await take(stolen)))['code']).toBe('applicant-unverified')
    const own = await victim.apply()
    expect(own.status).toBe(201)
    expect((await readJson(await take(own)))['state']).toBe('under-review')
  })

  test('is under review once an entity: a second is refused from then on', async () => {
    await using applicant = await createApplicant(root)
    const [first, second] = [await readJson(await applicant.apply()), await readJson(await applicant.apply())]
    const take = (id: unknown) => root.officer('clerk').post(`/v1/desk/applications/${String(id)}/take`, {})
    const taken = await Promise.all([take(first['id']), take(second['id'])])
    expect(taken.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([200, 409])
    const third = await applicant.apply()
    expect([third.status, (await readJson(third))['code']]).toEqual([409, 'entity-known'])
  })

  const REFUSALS: [string, (url: string) => Promise<ApplyOptions>, number, string][] = [
    [
      'signed with a key it does not name',
      async () => ({ signer: await newSigner() }),
      401,
      'request-signature-invalid',
    ],
    [
      'for another root',
      async () => ({ claims: { aud: 'https://other.example' } }),
      401,
      'request-signature-invalid',
    ],
    [
      'for another path',
      async () => ({ claims: { path: '/v1/agreements' } }),
      401,
      'request-signature-invalid',
    ],
    ['for another method', async () => ({ claims: { method: 'PUT' } }), 401, 'request-signature-invalid'],
    [
      'of ten minutes ago',
      async () => ({ at: new Date(Date.now() - 600_000) }),
      401,
      'request-signature-invalid',
    ],
    [
      'of ten minutes ahead',
      async () => ({ at: new Date(Date.now() + 600_000) }),
      401,
      'request-signature-invalid',
    ],
    ['with a contact that is none', async () => ({ body: { contact: 'x' } }), 400, 'request-invalid'],
    ['with a member nobody knows', async () => ({ body: { colour: 'blue' } }), 400, 'request-invalid'],
    [
      'with a private key among its keys',
      async () => ({ body: { jwks: { keys: [{ kty: 'EC', d: 'x' }] } } }),
      400,
      'request-invalid',
    ],
    [
      'with text that no database keeps',
      async () => ({ body: { contact: 'desk\u0000@a.example' } }),
      400,
      'request-invalid',
    ],
    ['with no key', async () => ({ body: { jwks: { keys: [] } } }), 400, 'request-invalid'],
    ['wishing for code 0', async () => ({ body: { wished_code: '0' } }), 400, 'code-malformed'],
    [
      'wishing for a code with a leading zero',
      async () => ({ body: { wished_code: '0A' } }),
      400,
      'code-malformed',
    ],
    ['wishing for six symbols', async () => ({ body: { wished_code: 'ABCDEF' } }), 400, 'request-invalid'],
  ]
  test.each(REFUSALS)('is refused %s', async (_, options, status, code) => {
    await using applicant = await createApplicant(root)
    const response = await applicant.apply(await options(root.url))
    expect([response.status, (await readJson(response))['code']]).toEqual([status, code])
  })

  test.each([
    ['nothing', '', MEDIA_TYPE.registryRequest, 400],
    ['words', 'let me in', MEDIA_TYPE.registryRequest, 400],
    ['three empty parts', '..', MEDIA_TYPE.registryRequest, 400],
    ['JSON', '{}', 'application/json', 415],
    ['a megabyte', 'a'.repeat(1_000_000), MEDIA_TYPE.registryRequest, 413],
  ])('is refused when it is %s', async (_, body, contentType, status) => {
    const response = await fetch(`${root.url}/v1/provider-applications`, {
      method: 'POST',
      headers: { 'content-type': contentType },
      body,
    })
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
  })
})

describe('taking an application up', () => {
  test('checks that exactly the same keys stand at the applicant’s own address', async () => {
    await using applicant = await createApplicant(root)
    const { id } = await readJson(await applicant.apply())
    const other = await newSigner()
    applicant.publish({ jwks: { keys: [applicant.federation.publicJwk, other.publicJwk] } })
    const take = () => root.officer('clerk').post(`/v1/desk/applications/${String(id)}/take`, {})
    const refused = await take()
    expect([refused.status, (await readJson(refused))['code']]).toEqual([422, 'applicant-unverified'])
    applicant.publish({ authority_hints: ['https://other.example'] })
    expect((await readJson(await take()))['detail']).toContain('authority_hints')
    applicant.publish({})
    const taken = await take()
    expect((await readJson(taken))['state']).toBe('under-review')
    expect((await readJson(await take()))['code']).toBe('application-state')
  })

  test('says that the applicant cannot be reached, and leaves the application as it was', async () => {
    const applicant = await createApplicant(root)
    const { id } = await readJson(await applicant.apply())
    await applicant[Symbol.asyncDispose]()
    const refused = await root.officer('clerk').post(`/v1/desk/applications/${String(id)}/take`, {})
    expect([refused.status, (await readJson(refused))['code']]).toEqual([502, 'upstream-unreachable'])
    const receipt = await readJson(await root.get(`/v1/provider-applications/${String(id)}`))
    expect(receipt['state']).toBe('applied')
  })

  test('must come before a proposal', async () => {
    await using applicant = await createApplicant(root)
    const { id } = await readJson(await applicant.apply())
    const proposed = await root
      .officer('ann')
      .post(`/v1/desk/applications/${String(id)}/propose-approval`, { code: 'Z1', reason: 'too early' })
    expect([proposed.status, (await readJson(proposed))['code']]).toEqual([409, 'application-state'])
  })

  test.each([
    ['six symbols', 'ZZZZZZ', 422, 'number-out-of-plan'],
    ['outside the ranges for choosing', 'ZZZZ', 422, 'number-out-of-plan'],
    ['a leading zero', '01', 400, 'code-malformed'],
    ['zero', '0', 400, 'code-malformed'],
    ['a stranger among the symbols', 'A_', 400, 'code-malformed'],
  ])('a proposal for a code with %s is refused', async (_, code, status, problem) => {
    await using applicant = await createApplicant(root)
    const { id } = await readJson(await applicant.apply())
    await root.officer('clerk').post(`/v1/desk/applications/${String(id)}/take`, {})
    const proposed = await root
      .officer('ann')
      .post(`/v1/desk/applications/${String(id)}/propose-approval`, { code, reason: 'wished' })
    expect([proposed.status, (await readJson(proposed))['code']]).toEqual([status, problem])
  })
})

describe('the trail', () => {
  test('names who did what, in order, and only auditors and administrators read it', async () => {
    await using applicant = await createApplicant(root)
    const { id } = await readJson(await applicant.apply())
    await root.officer('clerk').post(`/v1/desk/applications/${String(id)}/take`, {})
    expect((await root.officer('clerk').get('/v1/desk/audit')).status).toBe(403)
    const trail = await readJson(
      await root.officer('auditor').get(`/v1/desk/audit?object=application:${String(id)}`),
    )
    expect(trail['items']).toMatchObject([{ act: 'application:take', actor: root.officer('clerk').id }])
  })
})
