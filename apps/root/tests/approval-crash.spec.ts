import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { startTestRoot, type TestProposal, type TestRoot } from './start-test-root.ts'
import { createApplicant, outcomeOf, proposeFor, readJson } from './test-applicant.ts'

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

/** Whether the journal off the database knows a code that the desk chose. */
function chosenInJournal(code: string): boolean {
  const folder = join(root.keys.directory, 'journal')
  return readdirSync(folder)
    .filter((name) => name.endsWith('.marks.ndjson'))
    .some((name) =>
      readFileSync(join(folder, name), 'utf8').includes(
        `"t":"chosen","keys":[[${Number.parseInt(code, 36)},0,0,0]]`,
      ),
    )
}

const STEPS = [
  ['approval:decided', 'lost'],
  ['assignment:locked', 'lost'],
  ['assignment:judged', 'lost'],
  ['assignment:signed', 'lost'],
  ['assignment:written', 'lost'],
  ['approval:committed', 'kept'],
  ['approval:acknowledged', 'kept'],
] as const

test.each(STEPS)(
  'an approval killed at %s is wholly %s, and the same approval again succeeds',
  async (step, fate) => {
    await using applicant = await createApplicant(root)
    const code = `C${STEPS.findIndex(([name]) => name === step)}`
    const proposal = await proposeFor(root, applicant, code)
    const approve = () => root.approve(proposal)
    killAt = step
    expect((await approve()).status).toBe(500)
    // What is committed and not yet in the journal was told to nobody.
    expect(chosenInJournal(code)).toBe(step === 'approval:acknowledged')

    const { db } = root.database
    const stored = await db
      .selectFrom('proposal')
      .select('state')
      .where('id', '=', proposal.id)
      .executeTakeFirst()
    const votes = await db
      .selectFrom('proposal_vote')
      .where('proposal_id', '=', proposal.id)
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
    expect((await outcomeOf(again))['code']).toBe(`1.2.156.3088.1.${code}`)
    expect(chosenInJournal(code)).toBe(true)
  },
)

test('an approval that the journal could not take is not answered, and nothing is approved after it', async () => {
  let folder = ''
  await using broken = await startTestRoot({
    // A folder that is deleted under a running node: the next write finds out.
    reached(step) {
      if (step === 'approval:committed') rmSync(folder, { recursive: true })
    },
  })
  folder = join(broken.keys.directory, 'journal')
  await using applicant = await createApplicant(broken)
  await using another = await createApplicant(broken)
  const approve = async (proposal: TestProposal) => {
    const answer = await broken.approve(proposal)
    return [answer.status, (await readJson(answer))['code']]
  }
  const [first, second] = [await proposeFor(broken, applicant, 'R1'), await proposeFor(broken, another, 'R2')]
  const readOnly = [503, 'node-read-only']
  expect(await approve(first)).toEqual(readOnly)
  expect([await approve(first), await approve(second)]).toEqual([readOnly, readOnly])
  const states = await broken.database.db.selectFrom('proposal').select(['id', 'state']).execute()
  expect(new Map(states.map(({ id, state }) => [id, state]))).toEqual(
    new Map([
      [first.id, 'approved'],
      [second.id, 'pending'],
    ]),
  )
})
