import { setTimeout as sleep } from 'node:timers/promises'

import { connect } from '@arc3088/db'
import { waitFor } from '@arc3088/testkit'
import { sql } from 'kysely'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { ProviderTables } from '../src/db/tables.ts'
import { BULK_CHUNK_LINES } from '../src/instances/bulk-limits.ts'
import { openBulk, sendBulk, sendLines, type BulkLineSeen } from './bulk-client.ts'
import { approvedOntology, verifiedRequester, type TestRequester } from './requester-acts.ts'
import { startRootProcess, type RootProcess } from './start-root-process.ts'
import { startTestProvider, type TestProvider } from './start-test-provider.ts'

let root: RootProcess
let provider: TestProvider
let requester: TestRequester
let ontology: string
/** What the next step of this name does; a test that sets it, unsets it. */
let onStep: ((step: string) => void) | undefined
/** Chunks that were read and have no outcome yet; a step that throws makes it wrong for the tests that follow. */
let chunksUnderWay = 0
beforeAll(async () => {
  root = await startRootProcess()
  provider = await startTestProvider(root, {
    reached(step) {
      if (step === 'bulk:chunk-read') chunksUnderWay++
      if (step === 'bulk:chunk-assigned') chunksUnderWay--
      onStep?.(step)
    },
  })
  await provider.appoint('1')
  requester = await verifiedRequester(provider)
  ontology = await approvedOntology(provider, requester)
})
afterAll(async () => {
  await provider[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

const lineOf = (key: string, serial?: string) => JSON.stringify({ key, serial })
const freshLines = (count: number) => Array.from({ length: count }, () => lineOf(v7()))
const send = (lines: readonly string[], below = ontology) =>
  sendBulk(provider.url, requester.token, { ontology: below, lines })

/** Instances in the ledger, whoever asked for them. */
async function instancesStored(): Promise<number> {
  const { count } = await provider.database.db
    .selectFrom('code_ledger')
    .select((query) => query.fn.countAll<number>().as('count'))
    .where('instance', '>', 0)
    .executeTakeFirstOrThrow()
  return count
}

/** Waits until nothing is under way and nothing was assigned for a while; answers how many were since `before`. */
async function assignedAtRest(before: number): Promise<number> {
  let last = 0
  let since = performance.now()
  for (;;) {
    const now = (await instancesStored()) - before
    if (now !== last || now === 0 || chunksUnderWay > 0) since = performance.now()
    if (performance.now() - since > 3000) return now
    last = now
    await sleep(200)
  }
}

/** Behind the node's back: no route revokes a token yet. */
async function revokeTokens(principalId: string): Promise<void> {
  const owner = connect<ProviderTables>({
    url: provider.database.ownerUrl,
    max: 1,
    applicationName: 'test-owner',
    onIdleError: () => undefined,
  })
  await sql`update api_token set revoked_at = now() where principal_id = ${principalId}`.execute(owner)
  await owner.destroy()
}

const codesOf = (lines: readonly BulkLineSeen[]) =>
  lines.flatMap(({ code }) => (code === undefined ? [] : [code]))
const idOf = ({ key, code, record }: BulkLineSeen) => `${key} ${code} ${record}`
const problemOf = ({ problem }: BulkLineSeen) => problem?.code

describe('a bulk registration', () => {
  test('gives each of 10,000 lines its own code, in order, and the same bytes when they are sent again', async () => {
    const lines = freshLines(10_000)
    const before = await instancesStored()
    const first = await send(lines)
    expect(first.isWhole).toBe(true)
    expect(first.lines.at(-1)).toEqual({ lines: 10_000, assigned: 10_000, replayed: 0, refused: 0 })
    expect(first.lines.slice(0, -1).map(({ line }) => line)).toEqual(lines.map((_, nth) => nth + 1))
    expect(new Set(codesOf(first.lines)).size).toBe(10_000)
    const again = await send(lines)
    expect(again.lines.at(-1)).toEqual({ lines: 10_000, assigned: 0, replayed: 10_000, refused: 0 })
    expect(again.lines.slice(0, -1).map(idOf)).toEqual(first.lines.slice(0, -1).map(idOf))
    expect(await instancesStored()).toBe(before + 10_000)
  })

  test('and a single registration are retries of each other', async () => {
    const path = `/v1/ontologies/${ontology}/instances`
    const [one, two] = [v7(), v7()]
    const single = await requester.post(path, {}, { 'idempotency-key': one })
    const { lines } = await send([lineOf(one), lineOf(two)])
    expect(lines[0]).toEqual({ line: 1, key: one, ...single.body, replayed: true })
    const retry = await requester.post(path, {}, { 'idempotency-key': two })
    expect(retry.body).toEqual({ code: lines[1]?.code, record: lines[1]?.record })
  })

  test('lets each refused line fail alone, and says what was wrong with it', async () => {
    const [same, taken] = [v7(), v7()]
    const { lines, isWhole } = await send([
      lineOf(same, '7A'),
      lineOf(same, '7A'),
      lineOf(same, '7B'),
      lineOf(taken, '7A'),
      '{"key":"a","key":"b"}',
      '{"serial":"1"}',
      'not json',
      '',
      '{"key":"with space"}',
      '{"key":"k","colour":"red"}',
      lineOf(v7(), '01'),
      lineOf(v7(), 'ZZZZZZZZZ'),
      `{"key":"${'x'.repeat(5000)}"}`,
      '{"key":"k","serial":"\ud800"}',
      lineOf(v7()),
    ])
    expect(
      lines.slice(0, -1).map((line) => problemOf(line) ?? (line.replayed === true ? 'replayed' : 'new')),
    ).toEqual([
      'new',
      'replayed',
      'idempotency-key-reused',
      'code-taken',
      'request-invalid',
      'request-invalid',
      'request-invalid',
      'request-invalid',
      'request-invalid',
      'request-invalid',
      'code-malformed',
      'number-out-of-plan',
      'body-too-large',
      'code-malformed',
      'new',
    ])
    expect([isWhole, lines.at(-1)]).toEqual([true, { lines: 15, assigned: 2, replayed: 1, refused: 12 }])
  })

  test('answers bytes that are no text, and a last line without its end', async () => {
    const stream = openBulk(provider.url, requester.token, ontology)
    const reading = stream.readAll()
    await stream.send(Buffer.from([0xff, 0xfe, 0x0a]).toString('latin1'))
    await stream.send(lineOf(v7()))
    stream.end()
    const { lines } = await reading
    expect([problemOf(lines[0] ?? {}), codesOf(lines).length]).toEqual(['request-invalid', 1])
  })

  test('answers who sends slowly as it goes, and takes no line twice', async () => {
    const stream = openBulk(provider.url, requester.token, ontology)
    const seen: BulkLineSeen[] = []
    const reading = stream.readAll((line) => seen.push(line))
    for (let sent = 1; sent <= 3; sent++) {
      await stream.send(`${lineOf(v7())}\n`)
      await waitFor(() => seen.length === sent, { what: 'the answer to what was sent' })
    }
    stream.end()
    expect((await reading).lines.at(-1)).toMatchObject({ lines: 3, assigned: 3 })
  })
})

describe('the door', () => {
  test('refuses before it reads: another media type, another owner, an instance, a word that is not bulk', async () => {
    const ask = (path: string, init: RequestInit) =>
      fetch(`${provider.url}${path}`, { method: 'POST', ...init })
    const headers = { authorization: `Bearer ${requester.token}`, 'content-type': 'application/x-ndjson' }
    const bulk = `/v1/ontologies/${ontology}/instances:bulk`
    const other = await verifiedRequester(provider)
    const instance = codesOf((await send([lineOf(v7())])).lines)[0] ?? ''
    const body = lineOf(v7())
    const answers = await Promise.all([
      ask(bulk, { headers: { ...headers, 'content-type': 'application/json' }, body }),
      ask(bulk, { headers: { ...headers, authorization: `Bearer ${other.token}` }, body }),
      ask(bulk, { headers: { 'content-type': 'application/x-ndjson' }, body }),
      ask(`/v1/ontologies/${instance}/instances:bulk`, { headers, body }),
      ask(`/v1/ontologies/${ontology}/instancesbulk`, { headers, body }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([415, 403, 401, 404, 404])
    expect(answers.map((answer) => answer.headers.get('content-type'))).toEqual(
      answers.map(() => 'application/problem+json'),
    )
  })

  test('has its bounds in /v1/limits, and a body far beyond the usual bound passes', async () => {
    const { body } = await requester.get('/v1/limits')
    expect(body['bulk']).toEqual({ line_bytes: 4096, lines: 1_000_000, streams: 4 })
    const spaces = Array.from({ length: 100 }, () => ' '.repeat(4000))
    const { lines } = await send([...spaces, lineOf(v7())])
    expect(lines.at(-1)).toEqual({ lines: 101, assigned: 1, replayed: 0, refused: 100 })
  })

  test('lets a requester have so many streams at a time, and another when one has ended', async () => {
    const streams = Array.from({ length: 4 }, () => openBulk(provider.url, requester.token, ontology))
    const readings = streams.map((stream) => stream.readAll())
    await Promise.all(streams.map(({ answer }) => answer))
    const fifth = openBulk(provider.url, requester.token, ontology)
    const refused = await fifth.answer
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '5'])
    fifth.abort()
    streams[0]?.end()
    await readings[0]
    streams.slice(1).forEach((stream) => stream.abort())
    await Promise.all(readings)
    const isOpen = async () => (await send([lineOf(v7())])).isWhole
    await waitFor(isOpen, { what: 'room for another stream' })
    expect((await send([lineOf(v7())])).lines.at(-1)).toMatchObject({ assigned: 1 })
  })
})

describe('a break', () => {
  test('of the client in the middle commits whole chunks or not, and a second try loses and doubles nothing', async () => {
    const lines = freshLines(10_000)
    const before = await instancesStored()
    chunksUnderWay = 0
    const stream = openBulk(provider.url, requester.token, ontology)
    let seen = 0
    const reading = stream.readAll(() => {
      if (++seen === 2500) stream.abort()
    })
    await sendLines(stream, lines)
    const broken = await reading
    expect(broken.isWhole).toBe(false)
    // The chunks that were under way may still commit.
    const committed = await assignedAtRest(before)
    expect([committed % BULK_CHUNK_LINES, committed < 10_000]).toEqual([0, true])
    const resumed = await send(lines)
    expect(resumed.lines.at(-1)).toEqual({
      lines: 10_000,
      assigned: 10_000 - committed,
      replayed: committed,
      refused: 0,
    })
    const answers = resumed.lines.slice(0, -1).map(idOf)
    expect(broken.lines.map(idOf)).toEqual(answers.slice(0, broken.lines.length))
    expect((await instancesStored()) - before).toBe(10_000)
  })

  test.each(['bulk:chunk-read', 'assignment:locked', 'assignment:committed', 'bulk:chunk-assigned'])(
    'of the node at %s ends without a summary, and the same keys get every code once',
    async (at) => {
      // Each half of a chunk that fails is tried again, down to the single line: enough lines for two chunks will do.
      const lines = freshLines(BULK_CHUNK_LINES + 100)
      const before = await instancesStored()
      let steps = 0
      onStep = (step) => {
        if (step === at && ++steps > 1) throw new Error('killed here')
      }
      const broken = await send(lines)
      onStep = undefined
      expect(broken.isWhole).toBe(false)
      expect(Object.keys(broken.lines.at(-1) ?? {})).toEqual(['problem'])
      expect(problemOf(broken.lines.at(-1) ?? {})).toBe('internal')
      const answered = broken.lines.slice(0, -1)
      const resumed = await send(lines)
      expect(resumed.lines.at(-1)).toMatchObject({ lines: lines.length, refused: 0 })
      expect(answered.map(idOf)).toEqual(resumed.lines.slice(0, answered.length).map(idOf))
      expect(new Set(codesOf(resumed.lines)).size).toBe(lines.length)
      expect((await instancesStored()) - before).toBe(lines.length)
    },
  )

  test('of one statement in the middle is mended by halves, and no line notices', async () => {
    let steps = 0
    onStep = (step) => {
      if (step === 'assignment:written' && ++steps === 2) throw new Error('failed once')
    }
    const { lines, isWhole } = await send(freshLines(3000))
    onStep = undefined
    expect([isWhole, steps > 3, lines.at(-1)]).toEqual([
      true,
      true,
      { lines: 3000, assigned: 3000, replayed: 0, refused: 0 },
    ])
  })

  test('of the credential stops the stream between two chunks', async () => {
    const leaving = await verifiedRequester(provider)
    const below = await approvedOntology(provider, leaving)
    const stream = openBulk(provider.url, leaving.token, below)
    const seen: BulkLineSeen[] = []
    const reading = stream.readAll((line) => seen.push(line))
    await stream.send(`${lineOf(v7())}\n`)
    await waitFor(() => seen.length === 1, { what: 'the first answer' })
    await revokeTokens(leaving.id)
    // A token that was good is taken for so long from memory.
    await sleep(5500)
    await stream.send(`${lineOf(v7())}\n`)
    const { lines, isWhole } = await reading
    expect([isWhole, lines.map(problemOf)]).toEqual([false, [undefined, 'unauthenticated']])
  })
})

describe('a slow reader', () => {
  test('is not read from for ever: the node holds a few chunks, and goes on when the reader does', async () => {
    const lines = freshLines(40_000)
    const before = await instancesStored()
    chunksUnderWay = 0
    const stream = openBulk(provider.url, requester.token, ontology)
    const answer = await stream.answer
    answer.pause()
    const sending = sendLines(stream, lines)
    const now = await assignedAtRest(before)
    // About 900 bytes a line: what the kernel's two socket buffers take, and the few chunks of the stream.
    expect(now).toBeLessThan(25_000)
    const { lines: answers, isWhole } = await stream.readAll()
    await sending
    expect([isWhole, answers.at(-1)]).toEqual([
      true,
      { lines: 40_000, assigned: 40_000, replayed: 0, refused: 0 },
    ])
    expect(answers.slice(0, -1).every(({ line }, nth) => line === nth + 1)).toBe(true)
  })
})

describe('a race', () => {
  test('of equal streams, in one order and the other, gives every key one code', async () => {
    const lines = freshLines(4000)
    const before = await instancesStored()
    const streams = await Promise.all([send(lines), send(lines.toReversed()), send(lines)])
    const byKey = new Map<string, Set<string>>()
    for (const { lines: answers, isWhole } of streams) {
      expect([isWhole, answers.at(-1)]).toMatchObject([true, { lines: 4000, refused: 0 }])
      for (const answer of answers.slice(0, -1))
        byKey.set(answer.key ?? '', (byKey.get(answer.key ?? '') ?? new Set()).add(idOf(answer)))
    }
    expect([...byKey.values()].filter((answers) => answers.size !== 1)).toEqual([])
    expect((await instancesStored()) - before).toBe(4000)
  })
})
