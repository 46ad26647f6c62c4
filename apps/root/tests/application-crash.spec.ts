import { afterAll, beforeAll, expect, test } from 'vitest'

import { answerOf, apply, complete, giveBack, stateOf, take, withdraw } from './applicant-acts.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { createApplicant, type TestApplicant } from './test-applicant.ts'

let root: TestRoot
let killAt: string | undefined
beforeAll(async () => {
  root = await startTestRoot({
    reached(step) {
      if (step !== killAt) return
      killAt = undefined
      throw new Error(`killed at ${step}`)
    },
  })
})
afterAll(async () => {
  await root[Symbol.asyncDispose]()
})

const REQUEST_ID = '019ab000-0000-7000-8000-00000000dead'

interface Act {
  /** Brings an application to where the act begins. */
  readonly reach: (applicant: TestApplicant) => Promise<string>
  readonly run: (applicant: TestApplicant, id: string) => Promise<Response>
  readonly before: string
  readonly after: string
  /** What the act answers when it is carried out, and what the very same act answers after that. */
  readonly first: readonly [number, string]
  readonly again: readonly [number, string]
}

const taken = async (applicant: TestApplicant) => {
  const id = await apply(applicant)
  await take(root, id)
  return id
}
const returned = async (applicant: TestApplicant) => {
  const id = await taken(applicant)
  await giveBack(root, id)
  return id
}

const ACTS: Record<string, Act> = {
  take: {
    reach: apply,
    run: (_, id) => take(root, id),
    before: 'applied',
    after: 'under-review',
    first: [200, 'under-review'],
    again: [409, 'application-state'],
  },
  return: {
    reach: taken,
    run: (_, id) => giveBack(root, id),
    before: 'under-review',
    after: 'returned',
    first: [200, 'returned'],
    again: [200, 'returned'],
  },
  complete: {
    reach: returned,
    run: (applicant, id) => complete(applicant, id, 1, { requestId: REQUEST_ID }),
    before: 'returned',
    after: 'under-review',
    first: [201, 'under-review'],
    again: [201, 'under-review'],
  },
  withdraw: {
    reach: taken,
    run: (applicant, id) => withdraw(applicant, id, { requestId: REQUEST_ID }),
    before: 'under-review',
    after: 'withdrawn',
    first: [201, 'withdrawn'],
    again: [201, 'withdrawn'],
  },
}

const CASES = Object.entries(ACTS).flatMap(([name, act]) => [
  [name, 'application:locked', 'lost', act] as const,
  [name, 'application:written', 'lost', act] as const,
  [name, 'application:committed', 'kept', act] as const,
])

test.each(CASES)('%s, killed at %s, is wholly %s', async (_, step, fate, act) => {
  await using applicant = await createApplicant(root)
  const id = await act.reach(applicant)
  const count = async () => {
    const steps = await root.database.db
      .selectFrom('application_step')
      .select('step')
      .where('application_id', '=', id)
      .execute()
    return steps.length
  }
  const before = await count()
  killAt = step
  expect((await act.run(applicant, id)).status).toBe(500)
  expect([await stateOf(root, id), await count()]).toEqual(
    fate === 'lost' ? [act.before, before] : [act.after, before + 1],
  )
  const again = await answerOf(await act.run(applicant, id))
  expect(again).toEqual(fate === 'lost' ? act.first : act.again)
  expect([await stateOf(root, id), await count()]).toEqual([act.after, before + 1])
})

test.each([
  ['application:written', 0],
  ['application:committed', 1],
] as const)('an application killed at %s is there %i times, and once after a retry', async (step, kept) => {
  await using applicant = await createApplicant(root)
  const count = async () => {
    const rows = await root.database.db
      .selectFrom('provider_application')
      .select('id')
      .where('entity_id', '=', applicant.entityId)
      .execute()
    return rows.length
  }
  killAt = step
  expect((await applicant.apply({ requestId: REQUEST_ID })).status).toBe(500)
  expect(await count()).toBe(kept)
  expect((await applicant.apply({ requestId: REQUEST_ID })).status).toBe(201)
  expect(await count()).toBe(1)
})

test.each(['approval:decided', 'approval:committed'])(
  'a rejection killed at %s is carried out by the same approval again',
  async (step) => {
    await using applicant = await createApplicant(root)
    const id = await taken(applicant)
    const reasons = [{ ground: 'other', text: 'x' }]
    const proposal = await root.propose('application:reject', { application_id: id, reasons })
    killAt = step
    expect((await root.approve(proposal)).status).toBe(500)
    expect(await stateOf(root, id)).toBe(step === 'approval:decided' ? 'under-review' : 'rejected')
    expect((await root.approve(proposal)).status).toBe(201)
    expect(await stateOf(root, id)).toBe('rejected')
  },
)
