import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { v7 } from 'uuid'

import { approvedOntology, verifiedRequester, type TestRequester } from './requester-acts.ts'
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
  requester = await verifiedRequester(provider)
  ontology = await approvedOntology(provider, requester)
})
afterAll(async () => {
  await provider[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

const RECORD = 'application/agent-code-assignment+jwt'
/** The same request twice: the second in a spelling that the lane leaves. */
const EXPRESS = { accept: RECORD, 'content-type': 'application/json' }
const LONG = { accept: `${RECORD};q=1`, 'content-type': 'application/json; charset=utf-8' }

const register = async (
  headers: Record<string, string>,
  options: { body?: string; key?: string; token?: string; code?: string } = {},
) => {
  const { body = '{}', key = v7(), token = requester.token, code = ontology } = options
  return await fetch(`${provider.url}/v1/ontologies/${code}/instances`, {
    method: 'POST',
    body,
    headers: { ...headers, authorization: `Bearer ${token}`, 'idempotency-key': key },
  })
}

/** All that a caller can see, but for the time. */
async function seen(response: Response) {
  const headers = Object.fromEntries([...response.headers].filter(([name]) => name !== 'date'))
  return { status: response.status, headers, body: await response.text() }
}

describe('a registration', () => {
  test('gets the same answer by either way, and is the retry of itself by the other', async () => {
    for (const [first, second] of [
      [EXPRESS, LONG],
      [LONG, EXPRESS],
    ] as const) {
      const key = v7()
      const made = await seen(await register(first, { key }))
      const again = await seen(await register(second, { key }))
      expect([made.status, again.status]).toEqual([201, 201])
      expect(again.body).toBe(made.body)
      expect([made.headers['idempotency-replayed'], again.headers['idempotency-replayed']]).toEqual([
        undefined,
        'true',
      ])
      expect(made.headers['content-type']).toBe(again.headers['content-type'])
    }
  })

  test('with a chosen serial is the same act by either way', async () => {
    const key = v7()
    const body = JSON.stringify({ serial: '3gf546' })
    const [express, long] = [
      await seen(await register(EXPRESS, { key, body })),
      await seen(await register(LONG, { key, body: '{ "serial": "3GF546" }' })),
    ]
    expect(express.status).toBe(201)
    expect(long.body).toBe(express.body)
    expect(express.body).toContain('.3GF546"')
  })

  test.each([
    ['without a good token', { token: 'arc3088_nobody' }],
    ['with a serial out of range', { body: '{"serial":"0"}' }],
    ['with an unknown member', { body: '{"serial":"1","x":1}' }],
    ['with a member twice', { body: '{"serial":"1","serial":"2"}' }],
    ['with a body that is no JSON', { body: '{' }],
    ['of an ontology that is not there', { code: '1.2.156.3088.1.1.34C2.1.0' }],
    ['of another node', { code: '1.2.156.3088.1.2.34C2.1.0' }],
    ['of no code', { code: 'x' }],
  ] as const)('%s is refused alike by either way', async (_, options) => {
    const answers = await Promise.all(
      [EXPRESS, LONG].map(async (headers) => await seen(await register(headers, options))),
    )
    expect(answers[0]?.status).toBeGreaterThanOrEqual(400)
    expect(answers[0]).toEqual(answers[1])
  })
})

describe('a record', () => {
  test.each(['as it is', 'in lower case'])(
    'asked for %s has one answer, whichever way it comes',
    async (spelling) => {
      const { code } = (await (await register(EXPRESS)).json()) as { code: string }
      const asked = spelling === 'as it is' ? code : code.toLowerCase()
      const get = async (headers: Record<string, string>) =>
        await seen(await fetch(`${provider.url}/v1/codes/${asked}`, { headers }))
      const long = await get({ accept: LONG.accept })
      expect(long.status).toBe(200)
      // Twice by the lane: from the database, then from memory.
      for (let time = 0; time < 2; time++) expect(await get({ accept: RECORD })).toEqual(long)
      const held = { 'if-none-match': long.headers['etag'] ?? '' }
      const unchanged = await get({ accept: RECORD, ...held })
      expect(unchanged.status).toBe(304)
      expect(unchanged).toEqual(await get({ accept: LONG.accept, ...held }))
    },
  )

  test.each([
    ['never assigned', '1.2.156.3088.1.1.34C2.1.0', 404],
    ['of another node', '1.2.156.3088.1.2.34C2.1.0', 404],
    ['malformed', '1.2.156.3088.1.1.34C2..0', 400],
  ] as const)('of a code that is %s is refused by either way', async (_, code, status) => {
    const answers = await Promise.all(
      [EXPRESS, LONG].map(
        async ({ accept }) => await fetch(`${provider.url}/v1/codes/${code}`, { headers: { accept } }),
      ),
    )
    expect(answers.map((answer) => answer.status)).toEqual([status, status])
  })

  test('many that are asked for at once each get their own', async () => {
    const codes = await Promise.all(
      Array.from(
        { length: 50 },
        async () => ((await (await register(EXPRESS)).json()) as { code: string }).code,
      ),
    )
    const records = await Promise.all(
      codes.map(
        async (code) =>
          await (await fetch(`${provider.url}/v1/codes/${code}`, { headers: { accept: RECORD } })).text(),
      ),
    )
    const subjects = records.map(
      (record) =>
        (JSON.parse(Buffer.from(record.split('.')[1] ?? '', 'base64url').toString()) as { sub: string }).sub,
    )
    expect(subjects).toEqual(codes)
  })
})

test('what resolvers ask for is the record where there is one, and else the signed negative', async () => {
  const { code } = (await (await register(EXPRESS)).json()) as { code: string }
  const accept = `${RECORD}, application/agent-code-resolution+jwt;q=0.5`
  const get = async (asked: string, headers: Record<string, string>) =>
    await fetch(`${provider.url}/v1/codes/${asked}`, { headers })
  expect(await seen(await get(code, { accept }))).toEqual(
    await seen(await get(code, { accept: LONG.accept })),
  )
  const never = await get('1.2.156.3088.1.1.34C2.1.0', { accept })
  expect([never.status, never.headers.get('content-type')]).toEqual([
    404,
    'application/agent-code-resolution+jwt',
  ])
})

test('a log proof says the same by either way, and a code without one is refused alike', async () => {
  const { code } = (await (await register(EXPRESS)).json()) as { code: string }
  const get = async (asked: string, headers: Record<string, string>) => {
    const {
      body,
      headers: all,
      ...rest
    } = await seen(await fetch(`${provider.url}/v1/codes/${asked}/log-proof`, { headers }))
    // A later checkpoint proves the same entry: of the proof that is the second line, of the headers all but its ETag.
    const { etag: _, 'content-length': __, ...others } = all
    return { ...rest, headers: others, entry: body.split('\n')[1] }
  }
  const express = { accept: 'text/plain' }
  const long = { accept: 'text/plain;q=1' }
  await expect.poll(async () => (await get(code, express)).status, { timeout: 30_000 }).toBe(200)
  expect(await get(code, express)).toEqual(await get(code, long))
  const none = '1.2.156.3088.1.1.34C2.1.0'
  expect((await get(none, express)).status).toBe((await get(none, long)).status)
})

test('a log proof is of a checkpoint that is hardly older than the newest, though its parts are kept', async () => {
  const { code } = (await (await register(EXPRESS)).json()) as { code: string }
  const get = async () => await fetch(`${provider.url}/v1/codes/${code}/log-proof`)
  await expect.poll(async () => (await get()).status, { timeout: 30_000 }).toBe(200)
  const first = await (await get()).text()
  // The log grows by it, and what is proved from then on is proved of more.
  expect((await register(EXPRESS)).status).toBe(201)
  await expect.poll(async () => await (await get()).text(), { timeout: 30_000 }).not.toBe(first)
})

describe('an evidence bundle', () => {
  /** A bundle, with the entry of each proof in place of the proof: a later checkpoint proves the same. */
  async function bundleOf(response: Response) {
    const { tlog_proofs: proofs, ...bundle } = (await response.json()) as {
      tlog_proofs: Record<string, string>
    }
    const entries = Object.entries(proofs).map(([hash, proof]) => [hash, proof.split('\n')[1]])
    return { type: response.headers.get('content-type'), bundle, entries }
  }

  test.each(['application/json', '*/*'])('asked for as %s says the same by either way', async (accept) => {
    const { code } = (await (await register(EXPRESS)).json()) as { code: string }
    const get = async (headers: Record<string, string>) =>
      await fetch(`${provider.url}/v1/codes/${code}`, { headers: { accept, ...headers } })
    // Whoever says what it holds is answered by the router.
    const long = async () => await get({ 'if-none-match': '"something else"' })
    // Until its record is proven a code has a live answer in its bundle, and both ways are the long one.
    await expect.poll(async () => await (await long()).text()).not.toContain('"resolution"')
    for (let time = 0; time < 2; time++) {
      // What expires is signed anew now and then, for both ways.
      await vi.waitFor(
        async () => {
          const express = await bundleOf(await get({}))
          expect(express).toEqual(await bundleOf(await long()))
          expect(express.entries).toHaveLength(4)
        },
        { timeout: 60_000 },
      )
    }
  })

  test('of a code that is locked says so within a second, though its parts are kept', async () => {
    const { code } = (await (await register(EXPRESS)).json()) as { code: string }
    const tokens = async () => {
      const bundle = await (await fetch(`${provider.url}/v1/codes/${code}`)).json()
      return (bundle as { status_list_tokens: string[] }).status_list_tokens.join()
    }
    await expect
      .poll(async () => await (await fetch(`${provider.url}/v1/codes/${code}`)).text())
      .not.toContain('"resolution"')
    const before = await tokens()
    await requester.post(`/v1/codes/${code}/lock`, { reason: 'stolen' })
    await expect.poll(tokens).not.toBe(before)
  })
})
