import { readAssignmentRecord, readResolutionAnswer, recordHash } from '@arc3088/records'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { createApplicant, outcomeOf, proposeFor, readJson } from './test-applicant.ts'

let root: TestRoot
beforeAll(async () => {
  root = await startTestRoot()
})
afterAll(async () => {
  await root[Symbol.asyncDispose]()
})

const ANSWER = { accept: 'application/agent-code-resolution+jwt' }

test('a provider code was nobody before it was assigned, and says so for any instant, signed', async () => {
  await using applicant = await createApplicant(root)
  const proposal = await proposeFor(root, applicant, 'H1')
  const approval = await root.approve(proposal)
  const { code, record } = await outcomeOf(approval)
  const read = readAssignmentRecord(String(record))
  if (read.kind === 'rejected') throw new Error(read.detail)
  const { iat } = read.claims
  const ask = async (query: string) => {
    const answer = readResolutionAnswer(
      await (await root.get(`/v1/codes/${String(code)}${query}`, ANSWER)).text(),
    )
    if (answer.kind === 'rejected') throw new Error(answer.detail)
    return answer.claims
  }
  expect(await ask(`?at=${iat - 1}`)).toMatchObject({ at: iat - 1, result: 'not_assigned' })
  expect(await ask(`?at=${iat}`)).toMatchObject({
    at: iat,
    result: 'assigned',
    assignment: record,
    status: 'valid',
    transitions: [],
  })
  expect(await ask('')).toMatchObject({ result: 'assigned', status: 'valid', status_since: iat })

  const history = await root.get(`/v1/codes/${String(code)}/history`)
  expect(await readJson(history)).toMatchObject({
    code,
    assigned: { hash: await recordHash(String(record)), at: iat },
    transitions: [],
    next: null,
  })
  const future = await root.get(`/v1/codes/${String(code)}?at=${iat + 86_400}`)
  expect([future.status, (await readJson(future))['code']]).toEqual([400, 'at-in-future'])
})

test('a root tells the history of providers only; what stands below one is asked of that provider', async () => {
  const answer = await root.get('/v1/codes/1.2.156.3088.1.1.34C2/history')
  expect([answer.status, (await readJson(answer))['code']]).toEqual([404, 'code-not-mine'])
})
