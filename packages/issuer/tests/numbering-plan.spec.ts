import { waitFor, type TestDatabase } from '@arc3088/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { isChoosable, readAuditEntries, type IssuerTables } from '../src/index.ts'
import { startNumberingProcess, type NumberingProcess } from './numbering-desk.ts'
import { createIssuerDatabase } from './test-issuer.ts'

const PLAN = [
  { level: 'instance', name: 'chosen', kind: 'chosen', first: 1, last: 35 },
  { level: 'instance', name: 'general', kind: 'sequential', first: 36, last: 1295 },
] as const

/** With room for the blocks of several processes. */
const WIDE = [PLAN[0], { ...PLAN[1], last: 46_655 }] as const

const MEDICAL = {
  level: 'instance',
  name: 'medical',
  kind: 'scrambled',
  first: '1000',
  last: '1ZZZ',
  business_type: 'medical',
  reason: 'hospitals number apart',
}
const RANGES = '/v1/desk/numbering/ranges'

let database: TestDatabase<IssuerTables>
beforeEach(async () => {
  database = await createIssuerDatabase()
})
afterEach(async () => {
  await database.drop()
})

async function draw(process: NumberingProcess, count: number, businessType?: string): Promise<number[]> {
  const wanted =
    businessType === undefined
      ? { numbers: count, statuses: 0 }
      : { numbers: 0, statuses: 0, ofBusinessType: new Map([[businessType, count]]) }
  using drawn = await process.supply.reserve('instance', wanted)
  const numbers: number[] = []
  for (let nth = 0; nth < count; nth++) {
    const number = drawn.number(businessType)
    if (number !== undefined) numbers.push(number)
  }
  return numbers
}

describe('an operator changes the plan', () => {
  test('adds a range by business type: audited, published without its secret, and used by every process', async () => {
    await using one = await startNumberingProcess(database, { plan: PLAN })
    await using two = await startNumberingProcess(database, { plan: PLAN })
    const { etag } = await one.get('/v1/desk/numbering', 'reviewer')
    const added = await one.post(RANGES, MEDICAL, etag)
    expect(added.status).toBe(201)
    expect(added.etag).not.toBe(etag)
    const published = await two.get('/v1/numbering-plan')
    expect(published.body['ranges']).toContainEqual({
      level: 'instance',
      name: 'medical',
      kind: 'scrambled',
      business_type: 'medical',
      first: '1000',
      last: '1ZZZ',
      is_open: true,
      size: 46_656,
      leased: 0,
    })
    const { scramble_key: key } = await database.db
      .selectFrom('numbering_range')
      .select('scramble_key')
      .where('name', '=', 'medical')
      .executeTakeFirstOrThrow()
    const secret = Buffer.from(key ?? [])
    expect(secret).toHaveLength(16)
    for (const { text } of [added, published]) {
      expect(text).not.toContain(secret.toString('hex'))
      expect(text).not.toContain(secret.toString('base64url'))
    }
    await waitFor(() => two.plan.version() === one.plan.version())
    const numbers = [...(await draw(one, 100, 'medical')), ...(await draw(two, 100, 'medical'))]
    expect(new Set(numbers).size).toBe(200)
    expect(numbers.every((number) => number >= 46_656 && number <= 93_311)).toBe(true)
    expect(await draw(two, 3)).not.toContain(numbers[0])
    const [entry] = await readAuditEntries(database.db, { object: 'numbering:instance/medical', limit: 1 })
    expect(entry).toMatchObject({ actor: 'administrator', act: 'numbering:add', reason: MEDICAL.reason })
  })

  test('closes a range: no more numbers from it in any process within about a second, nothing else is touched', async () => {
    await using one = await startNumberingProcess(database, { plan: WIDE })
    await using two = await startNumberingProcess(database, { plan: WIDE })
    const { etag } = await one.get('/v1/desk/numbering', 'administrator')
    const next = { ...MEDICAL, name: 'later', kind: 'sequential', business_type: undefined }
    const added = await one.post(RANGES, next, etag)
    expect(await draw(one, 2)).toEqual([36, 37])
    const [held = 0] = await draw(two, 1)
    expect(held).toBeLessThan(46_656)
    const closing = { level: 'instance', reason: 'full enough' }
    const closed = await one.post(`${RANGES}/general/close`, closing, added.etag)
    expect(closed.status).toBe(200)
    expect(await draw(one, 2)).toEqual([46_656, 46_657])
    await waitFor(() => two.plan.version() === one.plan.version())
    const [after = 0] = await draw(two, 1)
    expect(after).toBeGreaterThanOrEqual(46_656)
    expect(await one.post(`${RANGES}/general/close`, closing, closed.etag)).toMatchObject({
      status: 409,
      body: { code: 'range-closed' },
    })
    const again = await one.post(`${RANGES}/chosen/close`, closing, closed.etag)
    expect(again.status).toBe(200)
    expect(isChoosable(one.plan.plan(), 'instance', 5)).toBe(false)
  })

  test('refuses what overlaps, with the clause and the name of the other', async () => {
    await using node = await startNumberingProcess(database, { plan: PLAN })
    const { etag } = await node.get('/v1/desk/numbering', 'administrator')
    const overlapping = await node.post(RANGES, { ...MEDICAL, first: 'ZZ' }, etag)
    expect(overlapping).toMatchObject({
      status: 409,
      body: { code: 'range-overlaps', clause: '5.6 a', overlaps: 'general' },
    })
    const taken = await node.post(RANGES, { ...MEDICAL, name: 'general' }, etag)
    expect(taken).toMatchObject({ status: 409, body: { code: 'range-taken', clause: '5.6 a' } })
  })

  test.each([
    ['without If-Match', MEDICAL, undefined, 428, 'precondition-required'],
    ['with the ETag of an older plan', MEDICAL, '"1"', 412, 'precondition-failed'],
    ['with a leading zero', { ...MEDICAL, first: '01000' }, '"2"', 400, 'code-malformed'],
    ['with number 0', { ...MEDICAL, first: '0' }, '"2"', 400, 'request-invalid'],
    ['upside down', { ...MEDICAL, first: '1ZZZ', last: '1000' }, '"2"', 400, 'request-invalid'],
    ['with a member nobody knows', { ...MEDICAL, scramble_key: 'AAAA' }, '"2"', 400, 'request-invalid'],
    ['with a name in capitals', { ...MEDICAL, name: 'Medical' }, '"2"', 400, 'request-invalid'],
  ])('refuses a range %s', async (_, body, etag, status, code) => {
    await using node = await startNumberingProcess(database, { plan: PLAN })
    expect(await node.post(RANGES, body, etag)).toMatchObject({ status, body: { code } })
  })

  test('is an administrator, and the node may write', async () => {
    await using node = await startNumberingProcess(database, { plan: PLAN })
    expect((await node.get('/v1/desk/numbering')).status).toBe(401)
    expect((await node.post(RANGES, MEDICAL, '"2"', 'reviewer')).status).toBe(403)
    node.gate.shut('a drill')
    expect(await node.post(RANGES, MEDICAL, '"2"')).toMatchObject({
      status: 503,
      body: { code: 'node-read-only' },
    })
  })

  test('one of many changes raced from one version, and a killed one leaves nothing', async () => {
    let dies = false
    const reached = (step: string) => {
      if (dies && step === 'numbering:changed') throw new Error('killed')
    }
    await using one = await startNumberingProcess(database, { plan: PLAN, ambient: { reached } })
    await using two = await startNumberingProcess(database, { plan: PLAN })
    dies = true
    expect((await one.post(RANGES, MEDICAL, '"2"')).status).toBe(500)
    dies = false
    const raced = await Promise.all(
      Array.from({ length: 8 }, (_, nth) => {
        const body = { ...MEDICAL, name: `m${nth}` }
        return (nth % 2 === 0 ? one : two).post(RANGES, body, '"2"')
      }),
    )
    const statuses = raced.map(({ status }) => status)
    expect(statuses.toSorted((a, b) => a - b)).toEqual([201, ...Array<number>(7).fill(412)])
  })
})

describe('numbers by business type', () => {
  test('none where nobody planned for it, and none of it for those that name none', async () => {
    await using node = await startNumberingProcess(database, { plan: PLAN })
    expect(await draw(node, 2, 'medical')).toEqual([])
    const { etag } = await node.get('/v1/desk/numbering', 'administrator')
    await node.post(RANGES, MEDICAL, etag)
    const general = await draw(node, 1300)
    expect(general).toEqual(Array.from({ length: 1260 }, (_, nth) => 36 + nth))
    expect(await draw(node, 1, 'medical')).toHaveLength(1)
  })

  test('a range used up is followed by the next of its type; when all are, there is none', async () => {
    const plan = [
      { level: 'instance', name: 'a', kind: 'sequential', first: 1, last: 3, businessType: 'toys' },
      { level: 'instance', name: 'b', kind: 'sequential', first: 10, last: 11, businessType: 'toys' },
    ] as const
    await using node = await startNumberingProcess(database, { plan })
    expect(await draw(node, 9, 'toys')).toEqual([1, 2, 3, 10, 11])
    expect(await draw(node, 1, 'toys')).toEqual([])
  })
})

test('tells how long the numbers of each range last', async () => {
  await using node = await startNumberingProcess(database, { plan: PLAN })
  await draw(node, 100)
  const { body } = await node.get('/v1/indicators')
  const [chosen, general] = body['numbering'] as Record<string, unknown>[]
  expect(chosen).toMatchObject({ name: 'chosen', size: 35, leased: null, left: null, exhausted_at: null })
  expect(general).toMatchObject({ name: 'general', size: 1260, leased: 1260, left: 0, exhausted_at: null })
  const { etag } = await node.get('/v1/desk/numbering', 'administrator')
  await node.post(RANGES, { ...MEDICAL, business_type: undefined }, etag)
  await draw(node, 10)
  const later = (await node.get('/v1/indicators')).body['numbering'] as Record<string, unknown>[]
  const medical = later.find(({ name }) => name === 'medical')
  const leased = Number(medical?.['leased'])
  expect(leased).toBeGreaterThanOrEqual(2048)
  expect(medical).toMatchObject({ left: 46_656 - leased, leased_per_day: leased * 24 })
  expect(new Date(String(medical?.['exhausted_at'])).getTime()).toBeLessThan(Date.now() + 86_400_000)
})
