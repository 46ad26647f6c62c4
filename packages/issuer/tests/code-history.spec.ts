import { ANSWER_TRANSITIONS_MAX, recordHash, STATUS, statusTransitionHash } from '@arc3088/records'
import { connect } from '@arc3088/db'
import { numericDate } from '@arc3088/service'
import type { TestDatabase } from '@arc3088/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { findLoss, type CodeKey, type IssuerTables } from '../src/index.ts'
import type { AnsweringLog } from '../src/resolution/answering-log.ts'
import { live, provenEntry, serveCodes, type CodeService } from './history-fixture.ts'
import { createIssuerDatabase, startProcess, submit, type TestProcess } from './test-issuer.ts'
import { createEd25519Signer, openLogProcess, type LogProcess } from './test-log-process.ts'

const { suspended, valid, retired } = STATUS
const RECORD = 'application/agent-code-assignment+jwt'

let database: TestDatabase<IssuerTables>
let process: TestProcess
let node: LogProcess
let service: CodeService
beforeEach(async () => {
  database = await createIssuerDatabase()
  process = await startProcess(database)
  node = openLogProcess(database, { key: await createEd25519Signer() })
  service = await serveCodes(database, process, { log: node.log })
})
afterEach(async () => {
  await node[Symbol.asyncDispose]()
  await process[Symbol.asyncDispose]()
  await database.drop()
})

/** A code assigned now, and an hour a little later; answers both. */
async function assigned(): Promise<{ code: string; record: string; born: number }> {
  const { subject, record } = await process.assign(submit('k1', { wish: 7 }))
  const { issued_at: at } = await database.db
    .selectFrom('assignment_record')
    .select('issued_at')
    .executeTakeFirstOrThrow()
  const born = numericDate(at)
  service.clock.set(new Date((born + 10_000) * 1000))
  return { code: subject.text, record, born }
}

async function problemOf(response: Response): Promise<unknown> {
  const { code } = (await response.json()) as { code: string }
  return [response.status, code]
}

describe('an answer about the past', () => {
  test('says what a code was at any instant, and signs the instant asked for', async () => {
    const { code, born } = await assigned()
    await live(database, process, code, [
      [born + 100, suspended],
      [born + 200, valid],
      [born + 300, retired],
    ])
    const seen = []
    for (const at of [born - 1, born, born + 99, born + 100, born + 199, born + 200, born + 9000]) {
      const { result, status, status_since: since, at: signed } = await service.ask(code, at)
      expect(signed).toBe(at)
      seen.push([at - born, result, status, since === undefined ? undefined : since - born])
    }
    expect(seen).toEqual([
      [-1, 'not_assigned', undefined, undefined],
      [0, 'assigned', 'valid', 0],
      [99, 'assigned', 'valid', 0],
      [100, 'assigned', 'suspended', 100],
      [199, 'assigned', 'suspended', 100],
      [200, 'assigned', 'valid', 200],
      [9000, 'assigned', 'retired', 300],
    ])
    const now = await service.ask(code)
    expect(now).toMatchObject({ at: born + 10_000, status: 'retired', status_since: born + 300 })
    expect(now.transitions).toBeUndefined()
  })

  test('does not change when something happens later', async () => {
    const { code, born } = await assigned()
    await live(database, process, code, [[born + 100, suspended]])
    const before = await service.ask(code, born + 150)
    await live(database, process, code, [[born + 200, retired]])
    const { transitions, status, status_since: since } = await service.ask(code, born + 150)
    expect({ transitions, status, since }).toEqual({
      transitions: before.transitions,
      status: before.status,
      since: before.status_since,
    })
  })

  test('carries the transitions up to then, each proven by the log of the node', async () => {
    const { code, born } = await assigned()
    await live(database, process, code, [
      [born + 100, suspended],
      [born + 200, valid],
      [born + 300, retired],
    ])
    await node.log.drainNow()
    const { transitions = [], log } = await service.ask(code, born + 250)
    expect(transitions.map(({ status, since }) => [status, since - born])).toEqual([
      ['suspended', 100],
      ['valid', 200],
    ])
    const proven = await Promise.all(transitions.map(({ proof }) => provenEntry(node.log, proof)))
    expect(proven).toMatchObject([
      { t: 'status', c: code, h: await statusTransitionHash({ code, status: suspended, since: born + 100 }) },
      { t: 'status', c: code, h: await statusTransitionHash({ code, status: valid, since: born + 200 }) },
    ])
    expect(log).toMatchObject({ origin: node.log.origin, size: 4 })
  })

  test('carries the newest where they are many, and counts the rest', async () => {
    const { code, born } = await assigned()
    const many = Array.from(
      { length: ANSWER_TRANSITIONS_MAX + 4 },
      (_, nth) => [born + nth, nth % 2 === 0 ? suspended : valid] as const,
    )
    await live(database, process, code, many)
    const answer = await service.ask(code, born + 5000)
    expect(answer.transitions).toHaveLength(ANSWER_TRANSITIONS_MAX)
    expect(answer.transitions_before).toBe(4)
    expect(answer.transitions?.[0]?.since).toBe(born + 4)
  })

  test.each([
    ['-1', 'request-invalid'],
    ['2026-11-22', 'request-invalid'],
    ['2026-11-22T09:00:00.5Z', 'request-invalid'],
    ['9999999999', 'at-in-future'],
    ['2999-01-01T00:00:00+08:00', 'at-in-future'],
  ])('is refused for %s: %s', async (at, problem) => {
    const response = await service.get(`/v1/codes/1.2.156.3088.1.1.7?at=${encodeURIComponent(at)}`)
    expect(await problemOf(response)).toEqual([400, problem])
  })

  test('takes RFC 3339 with any offset as it takes seconds', async () => {
    const { code, born } = await assigned()
    const local = new Date((born + 8 * 3600) * 1000).toISOString().replace('.000Z', '+08:00')
    expect((await service.ask(code, local)).at).toBe(born)
  })

  test('gives the bare record only for an instant at which it stood', async () => {
    const { code, record, born } = await assigned()
    const then = await service.get(`/v1/codes/${code}?at=${born}`, RECORD)
    expect([then.status, await then.text()]).toEqual([200, record])
    const before = await service.get(`/v1/codes/${code}?at=${born - 1}`, RECORD)
    expect([before.status, before.headers.get('content-type')]).toEqual([
      404,
      'application/agent-code-resolution+jwt',
    ])
  })
})

describe('where the log stands', () => {
  test('every answer says it, also the negative one', async () => {
    const { code } = await assigned()
    await node.log.drainNow()
    const { root, size } = await node.log.head()
    const log = { origin: node.log.origin, root, size }
    expect((await service.ask(code)).log).toEqual(log)
    expect(await service.ask('1.2.156.3088.1.1.8')).toMatchObject({ result: 'not_assigned', log })
  })

  test('a negative answer is never contradicted by an entry below its size, whenever the code is assigned', async () => {
    const own = '1.2.156.3088.1.1.7'
    const head = async () => {
      // The worst moment: the code is assigned and logged while the node asks its log where it stands.
      await process.assign(submit('k1', { wish: 7 }))
      await node.log.drainNow()
      return await node.log.head()
    }
    const log: AnsweringLog = { origin: node.log.origin, head, proofsOf: node.log.proofsOf }
    const racing = await serveCodes(database, process, { log })
    const answer = await racing.ask(own)
    expect([answer.log?.size, answer.result]).toEqual([1, 'assigned'])
  })

  test('no negative answer of many, given while codes are assigned and logged, is contradicted', async () => {
    const codes = Array.from({ length: 40 }, (_, nth) => nth + 1)
    const negatives: { code: string; size: number }[] = []
    const work = new AbortController()
    const asking = (async () => {
      while (!work.signal.aborted) {
        for (const wish of [1, 20, 40]) {
          const code = `1.2.156.3088.1.1.${wish.toString(36).toUpperCase()}`
          const { result, log } = await service.ask(code)
          if (result === 'not_assigned') negatives.push({ code, size: log?.size ?? -1 })
        }
      }
    })()
    for (const wish of codes) {
      await process.assign(submit(`k${wish}`, { wish }))
      await node.log.drainNow()
    }
    work.abort()
    await asking
    const entries = await node.log.entries(0, 40)
    const named = entries.map((text) => (JSON.parse(text) as { c: string }).c)
    expect(negatives.length).toBeGreaterThan(0)
    for (const { code, size } of negatives) expect(named.slice(0, size)).not.toContain(code)
  })
})

describe('the history of a code', () => {
  test('lists assignment and transitions with hashes and proofs, and nobody who did them', async () => {
    const { code, record, born } = await assigned()
    await live(database, process, code, [
      [born + 100, suspended],
      [born + 200, valid],
      [born + 300, suspended],
    ])
    await node.log.drainNow()
    const first = await service.get(`/v1/codes/${code}/history?limit=2`)
    const page = (await first.json()) as {
      assigned: { proof: string }
      transitions: { proof: string; hash: string }[]
    }
    expect(page).toMatchObject({
      code,
      assigned: { hash: await recordHash(record), at: born },
      transitions: [
        { nth: 1, status: 'suspended', since: born + 100 },
        { nth: 2, status: 'valid', since: born + 200 },
      ],
      next: 2,
    })
    expect(Object.keys(page.transitions[0] ?? {}).toSorted()).toEqual([
      'hash',
      'nth',
      'proof',
      'since',
      'status',
    ])
    expect((await provenEntry(node.log, page.assigned.proof)).h).toBe(await recordHash(record))
    expect((await provenEntry(node.log, page.transitions[1]?.proof)).h).toBe(page.transitions[1]?.hash)
    const second = await service.get(`/v1/codes/${code}/history?limit=2&after=2`)
    expect(await second.json()).toMatchObject({ transitions: [{ nth: 3, since: born + 300 }], next: null })
  })

  test('of a code that was never assigned is a refusal', async () => {
    expect(await problemOf(await service.get('/v1/codes/1.2.156.3088.1.1.9/history'))).toEqual([
      404,
      'code-not-found',
    ])
  })
})

describe('the proof of an assignment', () => {
  test('is pending until a checkpoint covers the record, and can be kept from then on', async () => {
    const { code, record } = await assigned()
    const pending = await service.get(`/v1/codes/${code}/log-proof`)
    expect(pending.headers.get('retry-after')).toBe('2')
    expect(await problemOf(pending)).toEqual([404, 'log-proof-pending'])
    await node.log.drainNow()
    service.clock.advanceSeconds(1)
    const proof = await service.get(`/v1/codes/${code}/log-proof`)
    expect([proof.status, proof.headers.get('content-type'), proof.headers.get('cache-control')]).toEqual([
      200,
      'text/plain; charset=utf-8',
      'public, max-age=86400',
    ])
    expect(await provenEntry(node.log, await proof.text())).toMatchObject({
      t: 'assign',
      c: code,
      h: await recordHash(record),
    })
  })

  test('stands in the bundle by the hash of its record; until then the bundle has a live answer', async () => {
    const { code, record } = await assigned()
    const bundle = async () =>
      (await (await service.get(`/v1/codes/${code}`)).json()) as Record<string, unknown>
    const young = await bundle()
    expect([young['tlog_proofs'], typeof young['resolution']]).toEqual([undefined, 'string'])
    await node.log.drainNow()
    const grown = await bundle()
    expect(Object.keys(grown['tlog_proofs'] as object)).toEqual([await recordHash(record)])
    expect(grown['resolution']).toBeUndefined()
  })
})

test('nothing is signed about a code that was lost with a database', async () => {
  const isLost = async (key: CodeKey) => (await findLoss(database.db, key)) !== undefined
  const lossy = await serveCodes(database, process, { isLost })
  const owner = connect<IssuerTables>({
    url: database.ownerUrl,
    max: 1,
    applicationName: 'owner',
    onIdleError: () => undefined,
  })
  const lost = { provider: 1, requester: 9, ontology: 0, instance: 0 }
  await owner
    .insertInto('burnt_code')
    .values({ ...lost, reason: 'an older backup', burnt_at: new Date() })
    .execute()
  await owner.destroy()
  for (const path of ['', '?at=1790000000', '/history', '/log-proof']) {
    const response = await lossy.get(`/v1/codes/1.2.156.3088.1.1.9${path}`)
    expect(await problemOf(response)).toEqual([410, 'record-lost'])
  }
  expect((await lossy.ask('1.2.156.3088.1.1.8')).result).toBe('not_assigned')
})
