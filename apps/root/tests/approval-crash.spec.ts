import { afterAll, beforeAll, expect, test } from 'vitest'

import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { createApplicant, proposeFor, readJson } from './test-applicant.ts'

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

const STEPS = [
  ['approval:decided', 'lost'],
  ['assignment:locked', 'lost'],
  ['assignment:judged', 'lost'],
  ['assignment:signed', 'lost'],
  ['assignment:written', 'lost'],
  ['approval:committed', 'kept'],
] as const

test.each(STEPS)(
  'an approval killed at %s is wholly %s, and the same approval again succeeds',
  async (step, fate) => {
    await using applicant = await createApplicant(root)
    const code = `C${STEPS.findIndex(([name]) => name === step)}`
    const proposal = await proposeFor(root, applicant, code)
    const approve = () =>
      root
        .officer('bo')
        .post(
          `/v1/desk/proposals/${proposal.proposalId}/approve`,
          { hash: proposal.hash, reason: 'checked' },
          { 'idempotency-key': proposal.proposalId },
        )
    killAt = step
    expect((await approve()).status).toBe(500)

    const { db } = root.database
    const stored = await db
      .selectFrom('proposal')
      .select('state')
      .where('id', '=', proposal.proposalId)
      .executeTakeFirst()
    const votes = await db
      .selectFrom('proposal_vote')
      .where('proposal_id', '=', proposal.proposalId)
      .selectAll()
      .execute()
    const providers = await db
      .selectFrom('provider')
      .where('entity_id', '=', applicant.entityId)
      .selectAll()
      .execute()
    const expected = fate === 'lost' ? ['pending', 0, 0] : ['approved', 1, 1]
    expect([stored?.state, votes.length, providers.length]).toEqual(expected)
    const known = await root.get(`/v1/codes/1.2.156.3088.1.${code}`)
    expect(known.status).toBe(fate === 'lost' ? 404 : 200)

    const again = await approve()
    expect(again.status).toBe(201)
    expect((await readJson(again))['code']).toBe(`1.2.156.3088.1.${code}`)
  },
)
