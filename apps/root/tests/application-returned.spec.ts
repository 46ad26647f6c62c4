import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import {
  apply,
  complete,
  DOSSIER,
  giveBack,
  INSTITUTE_X,
  MISSING,
  answerOf,
  stateOf,
  status,
  take,
  withdraw,
} from './applicant-acts.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'
import {
  createApplicant,
  newSigner,
  readJson,
  type ApplyOptions,
  type TestApplicant,
} from './test-applicant.ts'

let root: TestRoot
beforeAll(async () => {
  root = await startTestRoot()
})
afterAll(async () => {
  await root[Symbol.asyncDispose]()
})

const REQUEST_ID = '019ab000-0000-7000-8000-00000000c001'

/** An application that was given back at its first revision. */
async function returned(applicant: TestApplicant): Promise<string> {
  const id = await apply(applicant)
  await take(root, id)
  expect(await answerOf(await giveBack(root, id))).toEqual([200, 'returned'])
  return id
}

describe('an application that is returned', () => {
  test('says to its applicant what is missing, and to nobody else', async () => {
    await using applicant = await createApplicant(root, INSTITUTE_X)
    const id = await returned(applicant)
    const own = await status(applicant, id)
    expect([own.status, own.headers.get('cache-control')]).toEqual([200, 'no-store'])
    const shown = await readJson(own)
    expect(shown).toMatchObject({
      state: 'returned',
      revision: 1,
      kind: 'overseas',
      organization: INSTITUTE_X,
    })
    expect(shown['steps']).toMatchObject([
      { from: null, to: 'applied', by: 'applicant', seconds: null },
      { from: 'applied', to: 'under-review', by: 'authority', items: [] },
      { from: 'under-review', to: 'returned', by: 'authority', ...MISSING },
    ])
    expect(JSON.stringify(shown)).not.toContain(root.officer('clerk').id)
    const anybody = await readJson(await root.get(`/v1/provider-applications/${id}`))
    expect(Object.keys(anybody).toSorted()).toEqual(['applied_at', 'entity_id', 'id', 'revision', 'state'])
  })

  test('is completed by the whole of it again, and goes back to the same clerk', async () => {
    await using applicant = await createApplicant(root, INSTITUTE_X)
    const id = await returned(applicant)
    const completed = await complete(applicant, id, 1, { body: { organization: INSTITUTE_X, ...DOSSIER } })
    expect(completed.status).toBe(201)
    expect(await readJson(completed)).toMatchObject({ state: 'under-review', revision: 2 })
    const file = await readJson(await root.officer('clerk').get(`/v1/desk/applications/${id}`))
    expect(file).toMatchObject({ ...DOSSIER, taken_by: root.officer('clerk').id, revision: 2 })
    expect(file['steps']).toMatchObject([{}, {}, {}, { from: 'returned', to: 'under-review' }])
    // And may be returned and completed once more.
    expect(await answerOf(await giveBack(root, id))).toEqual([200, 'returned'])
    expect(await answerOf(await complete(applicant, id, 2))).toEqual([201, 'under-review'])
  })

  test('must be taken up anew when its completion brings other federation keys', async () => {
    await using applicant = await createApplicant(root)
    const id = await returned(applicant)
    const fresh = await newSigner()
    const jwks = { keys: [JSON.parse(JSON.stringify(fresh.publicJwk))] }
    const change = { requestId: REQUEST_ID, body: { jwks } }
    expect(await answerOf(await complete(applicant, id, 1, change))).toEqual([201, 'applied'])
    // The keys that its address shows are still the old ones.
    expect(await answerOf(await take(root, id))).toEqual([422, 'applicant-unverified'])
    expect(await answerOf(await status(applicant, id))).toEqual([401, 'request-signature-invalid'])
    expect(await answerOf(await status(applicant, id, { signer: fresh }))).toEqual([200, 'applied'])
    // A retry is signed with the key of then, and answered as then.
    expect(await answerOf(await complete(applicant, id, 1, change))).toEqual([201, 'applied'])
    const file = await readJson(await root.officer('clerk').get(`/v1/desk/applications/${id}`))
    expect(file).toMatchObject({ taken_by: null, log: null, federation_keys: [fresh.kid] })
  })

  test('is completed once by a request that is sent again, whatever has happened since', async () => {
    await using applicant = await createApplicant(root)
    const id = await returned(applicant)
    const first = await readJson(await complete(applicant, id, 1, { requestId: REQUEST_ID }))
    await giveBack(root, id)
    const later = { requestId: REQUEST_ID, at: new Date(Date.now() - 30_000) }
    expect(await readJson(await complete(applicant, id, 1, later))).toEqual(first)
    expect(await stateOf(root, id)).toBe('returned')
    const other = await complete(applicant, id, 1, {
      requestId: REQUEST_ID,
      body: { contact: 'else@a.example' },
    })
    expect(await answerOf(other)).toEqual([422, 'idempotency-key-reused'])
    const elsewhere = await withdraw(applicant, id, { requestId: REQUEST_ID })
    expect(await answerOf(elsewhere)).toEqual([422, 'idempotency-key-reused'])
  })

  test('is completed once by many requests at once, and by one of two different ones', async () => {
    await using applicant = await createApplicant(root)
    const id = await returned(applicant)
    const same = await Promise.all(
      Array.from({ length: 8 }, () => complete(applicant, id, 1, { requestId: REQUEST_ID })),
    )
    expect(new Set(await Promise.all(same.map((answer) => answer.text()))).size).toBe(1)
    await giveBack(root, id)
    const different = await Promise.all(Array.from({ length: 4 }, () => complete(applicant, id, 2)))
    const outcomes = await Promise.all(different.map(answerOf))
    expect(outcomes.filter(([code]) => code === 201)).toEqual([[201, 'under-review']])
    expect(outcomes.filter(([, code]) => code === 'application-state')).toHaveLength(3)
    const file = await readJson(await root.officer('clerk').get(`/v1/desk/applications/${id}`))
    expect([file['revision'], (file['steps'] as unknown[]).length]).toEqual([3, 6])
  })

  test('is not completed from a revision that is not its newest', async () => {
    await using applicant = await createApplicant(root)
    const id = await returned(applicant)
    const stale = await complete(applicant, id, 2)
    expect([stale.status, await readJson(stale)]).toMatchObject([
      412,
      { code: 'precondition-failed', revision: 1 },
    ])
    expect(await stateOf(root, id)).toBe('returned')
  })

  test('is given back again by the same word of the same clerk, and by no other', async () => {
    await using applicant = await createApplicant(root)
    const id = await returned(applicant)
    expect(await answerOf(await giveBack(root, id))).toEqual([200, 'returned'])
    expect(await answerOf(await giveBack(root, id, MISSING, 'ann'))).toEqual([409, 'application-state'])
    const otherwise = { ...MISSING, reason: 'something else' }
    expect(await answerOf(await giveBack(root, id, otherwise))).toEqual([409, 'application-state'])
    const file = await readJson(await root.officer('clerk').get(`/v1/desk/applications/${id}`))
    expect((file['steps'] as unknown[]).length).toBe(3)
  })

  const ITEM = { about: 'evidence', note: 'n' }
  test.each([
    ['without a reason', { items: [ITEM] }],
    ['with an empty reason', { reason: '', items: [ITEM] }],
    ['without items', { reason: 'r' }],
    ['with no item', { reason: 'r', items: [] }],
    ['with 33 items', { reason: 'r', items: Array.from({ length: 33 }, () => ITEM) }],
    ['about nothing we know', { reason: 'r', items: [{ about: 'weather', note: 'n' }] }],
    ['without a note', { reason: 'r', items: [{ about: 'evidence' }] }],
    ['with a member nobody knows', { reason: 'r', items: [ITEM], colour: 'blue' }],
  ])('is not given back %s', async (_, body) => {
    await using applicant = await createApplicant(root)
    const id = await apply(applicant)
    await take(root, id)
    expect(await answerOf(await giveBack(root, id, body))).toEqual([400, 'request-invalid'])
    expect(await stateOf(root, id)).toBe('under-review')
  })
})

describe('what comes about an application', () => {
  const ACTS = {
    complete: (a: TestApplicant, id: string, o: ApplyOptions) => complete(a, id, 1, o),
    withdraw,
    status,
  }
  const BAD: [string, (id: string) => Promise<ApplyOptions>, number, string][] = [
    ['signed by a stranger', async () => ({ signer: await newSigner() }), 401, 'request-signature-invalid'],
    [
      'of another entity',
      async () => ({ claims: { iss: 'https://b.example', sub: 'https://b.example' } }),
      401,
      'request-signature-invalid',
    ],
    [
      'for another root',
      async () => ({ claims: { aud: 'https://b.example' } }),
      401,
      'request-signature-invalid',
    ],
    ['for another method', async () => ({ claims: { method: 'PUT' } }), 401, 'request-signature-invalid'],
    [
      'for another path',
      async (id) => ({ claims: { path: `/v1/provider-applications/${id}` } }),
      401,
      'request-signature-invalid',
    ],
    ['too old', async () => ({ at: new Date(Date.now() - 600_000) }), 401, 'request-signature-invalid'],
    ['with a member nobody knows', async () => ({ body: { colour: 'blue' } }), 400, 'request-invalid'],
  ]
  const cases = Object.entries(ACTS).flatMap(([name, act]) => BAD.map((bad) => [name, ...bad, act] as const))
  test.each(cases)('%s is refused when it is %s', async (_name, _bad, options, code, problem, act) => {
    await using applicant = await createApplicant(root)
    const id = await returned(applicant)
    expect(await answerOf(await act(applicant, id, await options(id)))).toEqual([code, problem])
    expect(await stateOf(root, id)).toBe('returned')
  })

  test.each(Object.entries(ACTS))('%s of an application that is not there is refused', async (_, act) => {
    await using applicant = await createApplicant(root)
    const nowhere = await act(applicant, '019ab000-0000-7000-8000-000000000000', {})
    expect(await answerOf(nowhere)).toEqual([404, 'application-not-found'])
  })
})
