import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { textOf } from './answers.ts'
import { INSTITUTE_B } from './requester-acts.ts'
import { startRootProcess, type RootProcess } from './start-root-process.ts'
import { startTestProvider, type TestProvider } from './start-test-provider.ts'

let root: RootProcess
let provider: TestProvider
let killAt: string | undefined
beforeAll(async () => {
  root = await startRootProcess({ logQuorum: 0 })
  provider = await startTestProvider(root, {
    reached(step) {
      if (step !== killAt) return
      killAt = undefined
      throw new Error(`killed at ${step}`)
    },
  })
})
afterAll(async () => {
  await provider[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

const applicant = (name: string) => ({ ...INSTITUTE_B, name })
const apply = async (body: object, key: string) =>
  await provider.anyone.post('/v1/requesters', body, { 'idempotency-key': key })

/** How many applications of that name the desk has. */
async function taken(name: string): Promise<number> {
  const rows = await provider.database.db.selectFrom('requester').select('organization').execute()
  return rows.filter(({ organization }) => organization?.name === name).length
}

describe('an application that is sent again', () => {
  test('under its key is refused as received, names the first, and tells no token', async () => {
    const [key, body] = [v7(), applicant('Once Ltd')]
    const first = await apply(body, key)
    expect(first.status).toBe(201)
    const again = await apply(body, key)
    expect(again).toMatchObject({
      status: 409,
      body: { code: 'application-received', application: textOf(first, 'id') },
    })
    expect(JSON.stringify(again.body)).not.toContain('arc3088_')
    expect(await taken('Once Ltd')).toBe(1)
    // What was told the first time works on.
    expect((await provider.as(textOf(first, 'token')).get('/v1/requesters/me')).status).toBe(200)
  })

  test('with white space and members otherwise ordered is the same', async () => {
    const key = v7()
    const { contact, ...rest } = applicant('Ordered Ltd')
    expect((await apply({ contact, ...rest }, key)).status).toBe(201)
    expect((await apply({ ...rest, contact }, key)).status).toBe(409)
  })

  test('by sixteen at once is taken once', async () => {
    const [key, body] = [v7(), applicant('Race Ltd')]
    const answers = await Promise.all(Array.from({ length: 16 }, () => apply(body, key)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(answers.filter((each) => each.body['code'] === 'application-received')).toHaveLength(15)
    expect(await taken('Race Ltd')).toBe(1)
  })

  test('under another key, or without one, is another application', async () => {
    const body = applicant('Lost Ltd')
    const first = await apply(body, v7())
    const second = await apply(body, v7())
    expect([first.status, second.status]).toEqual([201, 201])
    expect(textOf(second, 'id')).not.toBe(textOf(first, 'id'))
    for (let times = 0; times < 2; times++) {
      const response = await fetch(`${provider.url}/v1/requesters`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      expect(response.status).toBe(201)
    }
    expect(await taken('Lost Ltd')).toBe(4)
  })
})

test('strangers who choose the same key do not hinder each other', async () => {
  expect((await apply(applicant('Stranger A'), '1')).status).toBe(201)
  expect((await apply(applicant('Stranger B'), '1')).status).toBe(201)
  expect([await taken('Stranger A'), await taken('Stranger B')]).toEqual([1, 1])
})

test.each(['with space', 'x'.repeat(256)])('a key that is none is refused: "%s"', async (key) => {
  const response = await fetch(`${provider.url}/v1/requesters`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(applicant('Bad key Ltd')),
  })
  expect([key, response.status]).toEqual([key, 400])
})

test.each([
  ['requester:written', 0, 201],
  ['requester:committed', 1, 409],
])(
  'an application killed at %s was taken %i times, and a retry is answered %i',
  async (step, count, status) => {
    const [key, body] = [v7(), applicant(`Killed at ${step}`)]
    killAt = step
    expect((await apply(body, key)).status).toBe(500)
    expect(killAt).toBeUndefined()
    expect(await taken(`Killed at ${step}`)).toBe(count)
    expect((await apply(body, key)).status).toBe(status)
    expect(await taken(`Killed at ${step}`)).toBe(1)
  },
)

test('a malformed application claims no key', async () => {
  const key = v7()
  expect((await apply({ ...applicant('Mended Ltd'), country: 'cn' }, key)).status).toBe(400)
  expect((await apply(applicant('Mended Ltd'), key)).status).toBe(201)
})
