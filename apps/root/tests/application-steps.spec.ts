import { connect } from '@arc3088/db'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { readDecisionTimes, readStepTimes } from '../src/applications/application-step.store.ts'
import { apply, giveBack, stateOf, take, withdraw } from './applicant-acts.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { createApplicant, readJson, type TestApplicant } from './test-applicant.ts'

let root: TestRoot
let shift = 0
beforeAll(async () => {
  root = await startTestRoot({ now: () => new Date(Date.now() + shift) })
})
afterAll(async () => {
  await root[Symbol.asyncDispose]()
})

/** Puts the root's clock forward; what is signed follows it. */
function later(seconds: number): void {
  shift += seconds * 1000
}

const now = () => new Date(Date.now() + shift)

describe('the time that each step took', () => {
  test('stands in the file and in the figures, median and ninth decile', async () => {
    const since = now()
    // Ten applications are taken up after 10, 20 … 100 seconds; the last is given back after an hour.
    const ids: string[] = []
    for (let nth = 1; nth <= 10; nth++) {
      await using applicant = await createApplicant(root)
      applicant.publish({ iat: seconds(), exp: seconds() + 3600 })
      const id = await apply(applicant, { at: now() })
      later(nth * 10)
      expect((await take(root, id)).status).toBe(200)
      ids.push(id)
    }
    later(3600)
    const last = ids.at(-1) ?? ''
    const file = await readJson(await root.officer('clerk').get(`/v1/desk/applications/${last}`))
    expect(file['seconds_in_state']).toBeGreaterThanOrEqual(3600)
    expect((file['steps'] as { seconds: number | null }[])[1]?.seconds).toBeGreaterThanOrEqual(100)
    await giveBack(root, last)
    const until = now()
    const times = await readStepTimes(root.database.db, { since, until: new Date(until.getTime() + 1000) })
    expect(times.map(({ state, count }) => [state, count])).toEqual([
      ['applied', 10],
      ['under-review', 1],
    ])
    const [applied, review] = times
    expect(applied?.medianSeconds).toBeGreaterThanOrEqual(55)
    expect(applied?.medianSeconds).toBeLessThan(65)
    expect(applied?.p90Seconds).toBeGreaterThanOrEqual(91)
    expect(applied?.p90Seconds).toBeLessThan(100)
    expect(review?.medianSeconds).toBeGreaterThanOrEqual(3600)
    expect(
      await readStepTimes(root.database.db, { since: until, until: new Date(until.getTime() + 1) }),
    ).toEqual([])
    const decided = await readDecisionTimes(root.database.db, { since, until })
    expect(decided).toEqual({ count: 0, medianSeconds: null, p90Seconds: null })
  })

  test('ends with the decision', async () => {
    const since = now()
    await using applicant = await createApplicant(root)
    const id = await apply(applicant, { at: now() })
    later(120)
    const reasons = [{ ground: 'duplicate', text: 'x' }]
    await root.act('application:reject', { application_id: id, reasons })
    const decided = await readDecisionTimes(root.database.db, {
      since,
      until: new Date(now().getTime() + 1000),
    })
    expect(decided.count).toBe(1)
    expect(decided.medianSeconds).toBeGreaterThanOrEqual(120)
  })
})

const seconds = () => Math.floor(now().getTime() / 1000)

describe('as the service’s own role, over SQL', () => {
  let applicant: TestApplicant
  let id: string
  beforeAll(async () => {
    applicant = await createApplicant(root)
    applicant.publish({ iat: seconds(), exp: seconds() + 3600 })
    id = await apply(applicant, { at: now() })
    await take(root, id)
  })
  afterAll(async () => await applicant[Symbol.asyncDispose]())

  const FORGED: [string, (app: string) => string, RegExp][] = [
    [
      'a step cannot be changed',
      (app) => `update application_step set reason = 'x' where application_id = '${app}'`,
      /denied|append_only|refused/,
    ],
    [
      'a step cannot be removed',
      (app) => `delete from application_step where application_id = '${app}'`,
      /denied|append_only|refused/,
    ],
    ['a request cannot be changed', () => `update application_request set act = 'withdraw'`, /denied/],
    [
      'a state cannot be written without its step',
      (app) => `update provider_application set state = 'returned' where id = '${app}'`,
      /provider_application_step_fkey/,
    ],
    [
      'a step cannot be skipped',
      (app) =>
        `insert into application_step (application_id, step, from_state, to_state, actor, at)
         values ('${app}', 9, 'under-review', 'returned', 'x', now())`,
      /application_step_chain_fkey/,
    ],
    [
      'a step cannot begin elsewhere than where the one before ended',
      (app) =>
        `insert into application_step (application_id, step, from_state, to_state, actor, at)
         values ('${app}', 3, 'returned', 'under-review', 'x', now())`,
      /application_step_chain_fkey/,
    ],
    [
      'a step cannot go where no act leads',
      (app) =>
        `insert into application_step (application_id, step, from_state, to_state, actor, at)
         values ('${app}', 3, 'under-review', 'applied', 'x', now())`,
      /application_step_move/,
    ],
    [
      'nothing is approved without a proposal',
      (app) =>
        `insert into application_step (application_id, step, from_state, to_state, actor, at)
         values ('${app}', 3, 'under-review', 'approved', 'x', now())`,
      /application_step_decided/,
    ],
    [
      'the first request cannot be changed',
      (app) => `update provider_application set request_jws = '' where id = '${app}'`,
      /denied/,
    ],
    [
      'an application cannot be removed',
      (app) => `delete from provider_application where id = '${app}'`,
      /denied/,
    ],
  ]
  test.each(FORGED)('%s', async (_, statement, refusal) => {
    const forging = sql.raw(statement(id)).execute(root.database.db)
    await expect(forging).rejects.toThrow(refusal)
    expect(await stateOf(root, id)).toBe('under-review')
  })

  test('the owner’s hand cannot rewrite a step either', async () => {
    const owner = connect({
      url: root.database.ownerUrl,
      max: 1,
      applicationName: 'owner',
      onIdleError: () => undefined,
    })
    const forging = sql.raw(`update application_step set actor = 'x'`).execute(owner)
    await expect(forging).rejects.toThrow(/refused/)
    await owner.destroy()
  })

  test('one who withdrew keeps every step', async () => {
    expect((await withdraw(applicant, id, { at: now() })).status).toBe(201)
    const file = await readJson(await root.officer('clerk').get(`/v1/desk/applications/${id}`))
    expect((file['steps'] as { to: string }[]).map(({ to }) => to)).toEqual([
      'applied',
      'under-review',
      'withdrawn',
    ])
  })
})
