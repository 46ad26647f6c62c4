import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import {
  answerOf,
  apply,
  complete,
  DOSSIER,
  giveBack,
  INSTITUTE_X,
  stateOf,
  status,
  take,
  withdraw,
} from './applicant-acts.ts'
import { startTestRoot, type TestProposal, type TestRoot } from './start-test-root.ts'
import { createApplicant, readJson, type TestApplicant } from './test-applicant.ts'

let root: TestRoot
beforeAll(async () => {
  root = await startTestRoot()
})
afterAll(async () => {
  await root[Symbol.asyncDispose]()
})

const REASONS = [{ ground: 'evidence-insufficient', text: '材料不足 the certificate is not legible' }]

async function underReview(applicant: TestApplicant): Promise<string> {
  const id = await apply(applicant)
  expect((await take(root, id)).status).toBe(200)
  return id
}

const proposeApproval = async (id: string, code: string | null = null) =>
  await root.propose('provider:assign', { application_id: id, code })
const proposeRejection = async (id: string) =>
  await root.propose('application:reject', { application_id: id, reasons: REASONS })

async function proposalState({ id }: TestProposal): Promise<unknown> {
  const row = await root.database.db
    .selectFrom('proposal')
    .select('state')
    .where('id', '=', id)
    .executeTakeFirst()
  return row?.state
}

test('an overseas institute is returned once, completes, and is approved by two officers (annex B b)', async () => {
  await using institute = await createApplicant(root, INSTITUTE_X)
  const id = await underReview(institute)
  await giveBack(root, id)
  const whole = { organization: INSTITUTE_X, wished_code: 'x1', ...DOSSIER }
  expect(await answerOf(await complete(institute, id, 1, { body: whole }))).toEqual([201, 'under-review'])
  const proposal = await proposeApproval(id, 'X1')
  // The clerk cannot decide, nor can whoever proposed.
  expect((await root.approve(proposal, 'ann')).status).toBe(403)
  expect(await stateOf(root, id)).toBe('under-review')
  expect((await root.approve(proposal)).status).toBe(201)
  expect(await stateOf(root, id)).toBe('approved')
  const record = await root.get('/v1/codes/1.2.156.3088.1.X1')
  expect(record.status).toBe(200)
  const file = await readJson(await root.officer('auditor').get(`/v1/desk/applications/${id}`))
  expect(file).toMatchObject({ kind: 'overseas', seconds_in_state: null })
  expect(file['steps']).toMatchObject([
    { to: 'applied', actor: institute.entityId },
    { to: 'under-review', actor: root.officer('clerk').id },
    { to: 'returned', actor: root.officer('clerk').id },
    { to: 'under-review', actor: institute.entityId },
    { to: 'approved', actor: root.officer('bo').id },
  ])
  const again = await institute.apply()
  expect(await answerOf(again)).toEqual([409, 'entity-known'])
  expect(await answerOf(await withdraw(institute, id))).toEqual([409, 'application-state'])
})

describe('a rejection', () => {
  test('is decided by two officers, read by the applicant, and no bar to applying again', async () => {
    await using applicant = await createApplicant(root)
    const id = await underReview(applicant)
    const proposal = await proposeRejection(id)
    expect(proposal.payload).toEqual({ application_id: id, revision: 1, reasons: REASONS })
    expect(await stateOf(root, id)).toBe('under-review')
    const approved = await root.approve(proposal)
    expect([approved.status, await readJson(approved)]).toMatchObject([
      201,
      { outcome: { application_id: id, state: 'rejected' } },
    ])
    // The same approval again answers what it led to.
    expect((await root.approve(proposal)).status).toBe(201)
    const own = await readJson(await status(applicant, id))
    expect(own['steps']).toMatchObject([{}, {}, { to: 'rejected', by: 'authority', reasons: REASONS }])
    expect(await answerOf(await giveBack(root, id))).toEqual([409, 'application-state'])
    expect(await answerOf(await take(root, await apply(applicant)))).toEqual([200, 'under-review'])
  })

  test.each([
    ['applied', async (applicant: TestApplicant) => await apply(applicant)],
    [
      'returned',
      async (applicant: TestApplicant) => {
        const id = await underReview(applicant)
        await giveBack(root, id)
        return id
      },
    ],
  ])('ends an application that is %s', async (_, reach) => {
    await using applicant = await createApplicant(root)
    const id = await reach(applicant)
    expect((await root.approve(await proposeRejection(id))).status).toBe(201)
    expect(await stateOf(root, id)).toBe('rejected')
  })

  test('has its own way from the file, with reasons for the public and one for the desk', async () => {
    await using applicant = await createApplicant(root)
    const id = await underReview(applicant)
    const path = `/v1/desk/applications/${id}/propose-rejection`
    const body = { reasons: REASONS, reason: 'seen by two clerks' }
    expect((await root.officer('clerk').post(path, body)).status).toBe(403)
    const proposed = await root.officer('ann').post(path, body)
    expect([proposed.status, await readJson(proposed)]).toMatchObject([201, { kind: 'application:reject' }])
    expect(await answerOf(await root.officer('ann').post(path, body))).toEqual([409, 'proposal-pending'])
  })

  const GOOD = REASONS[0]
  test.each([
    ['no reasons', []],
    ['an unknown ground', [{ ground: 'weather', text: 'x' }]],
    ['an empty text', [{ ground: 'other', text: '' }]],
    ['control characters', [{ ground: 'other', text: 'a\u0000b' }]],
    ['17 reasons', Array.from({ length: 17 }, () => GOOD)],
    ['a member nobody knows', [{ ground: 'other', text: 'x', colour: 'blue' }]],
  ])('with %s is not proposed', async (_, reasons) => {
    await using applicant = await createApplicant(root)
    const id = await underReview(applicant)
    const ask = { kind: 'application:reject', ask: { application_id: id, reasons }, reason: 'r' }
    expect(await answerOf(await root.officer('ann').post('/v1/desk/proposals', ask))).toEqual([
      400,
      'request-invalid',
    ])
  })
})

describe('while a proposal about it waits for officers, an application', () => {
  test('is not given back', async () => {
    await using applicant = await createApplicant(root)
    const id = await underReview(applicant)
    await proposeApproval(id)
    expect(await answerOf(await giveBack(root, id))).toEqual([409, 'proposal-pending'])
  })

  test.each([
    ['an approval', proposeApproval],
    ['a rejection', proposeRejection],
  ])('may be withdrawn, which makes %s void', async (_, propose) => {
    await using applicant = await createApplicant(root)
    const id = await underReview(applicant)
    const proposal = await propose(id)
    expect(await answerOf(await withdraw(applicant, id, { body: { reason: 'we merged' } }))).toEqual([
      201,
      'withdrawn',
    ])
    expect(await proposalState(proposal)).toBe('withdrawn')
    expect(await answerOf(await root.approve(proposal))).toEqual([409, 'proposal-decided'])
    const trail = await root.officer('auditor').get(`/v1/desk/audit?object=proposal:${proposal.id}`)
    expect((await readJson(trail))['items']).toMatchObject([
      { act: `void:${proposal.kind}`, actor: applicant.entityId },
      {},
    ])
    expect(await stateOf(root, id)).toBe('withdrawn')
    expect((await apply(applicant)).length).toBe(36)
  })

  test('that is completed makes a rejection of what it was before void', async () => {
    await using applicant = await createApplicant(root)
    const id = await underReview(applicant)
    await giveBack(root, id)
    const proposal = await proposeRejection(id)
    expect(await answerOf(await complete(applicant, id, 1))).toEqual([201, 'under-review'])
    expect(await answerOf(await root.approve(proposal))).toEqual([409, 'proposal-decided'])
    expect((await root.approve(await proposeApproval(id))).status).toBe(201)
  })
})

describe('at once', () => {
  test('a withdrawal and an approval have one winner, and no code without an approval', async () => {
    for (const nth of [0, 1, 2, 3]) {
      await using applicant = await createApplicant(root)
      const id = await underReview(applicant)
      const proposal = await proposeApproval(id, `W${nth}`)
      const [withdrawn, approved] = await Promise.all([withdraw(applicant, id), root.approve(proposal)])
      const state = await stateOf(root, id)
      expect([withdrawn.status, approved.status, state]).toEqual(
        state === 'withdrawn' ? [201, 409, 'withdrawn'] : [409, 201, 'approved'],
      )
      const record = await root.get(`/v1/codes/1.2.156.3088.1.W${nth}`)
      expect(record.status).toBe(state === 'withdrawn' ? 404 : 200)
    }
  })

  test('two clerks take an application up once', async () => {
    await using applicant = await createApplicant(root)
    const id = await apply(applicant)
    const answers = await Promise.all([take(root, id, 'clerk'), take(root, id, 'ann'), take(root, id, 'bo')])
    expect(answers.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([200, 409, 409])
  })

  test('taking, withdrawing, proposing and giving back leave one history without a gap', async () => {
    for (const _ of [0, 1, 2]) {
      await using applicant = await createApplicant(root)
      const id = await apply(applicant)
      const ask = { kind: 'application:reject', ask: { application_id: id, reasons: REASONS }, reason: 'r' }
      const answers = await Promise.all([
        take(root, id),
        withdraw(applicant, id),
        root.officer('ann').post('/v1/desk/proposals', ask),
        giveBack(root, id),
        take(root, id, 'bo'),
      ])
      expect(answers.map((answer) => answer.status).filter((code) => code >= 500)).toEqual([])
      // Whatever came before it, nothing but an end stops a withdrawal.
      expect(answers[1]?.status).toBe(201)
      const steps = await root.database.db
        .selectFrom('application_step')
        .select(['step', 'from_state', 'to_state'])
        .where('application_id', '=', id)
        .orderBy('step')
        .execute()
      expect(steps.map(({ step }) => step)).toEqual(steps.map((_step, nth) => nth + 1))
      expect(steps.slice(1).map((step) => step.from_state)).toEqual(steps.slice(0, -1).map((s) => s.to_state))
      expect(steps.at(-1)?.to_state).toBe('withdrawn')
      const pending = await root.database.db
        .selectFrom('proposal_object')
        .select('object')
        .where('object', '=', `application:${id}`)
        .execute()
      expect(pending).toEqual([])
    }
  })
})
