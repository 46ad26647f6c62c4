import { readEntityConfiguration } from '@arc3088/records'
import { createClock, waitFor } from '@arc3088/testkit'
import { expect, test } from 'vitest'

import {
  agree,
  countersign,
  listOf,
  OVERSEAS,
  pinEachOther,
  pinOf,
  proposeTo,
  shown,
  startPair,
  stateOf,
  termsWith,
  THIRD,
  untilShown,
  untilStage,
} from './agreement-roots.ts'
import { startTestRoot } from './start-test-root.ts'

async function startThree() {
  const home = await startTestRoot()
  const overseas = await startTestRoot({}, OVERSEAS)
  const third = await startTestRoot({}, THIRD)
  const roots = [home, overseas, third] as const
  await pinEachOther(roots)
  return {
    home,
    overseas,
    third,
    async [Symbol.asyncDispose]() {
      for (const root of roots) await root[Symbol.asyncDispose]()
    },
  }
}

test('of three parties one leaves, and two go on', async () => {
  await using three = await startThree()
  const { home, overseas, third } = three
  const { jti } = await agree([home, overseas, third])
  const states = async () => [
    await stateOf(home, overseas),
    await stateOf(home, third),
    await stateOf(overseas, home),
    await stateOf(overseas, third),
    await stateOf(third, home),
    await stateOf(third, overseas),
  ]
  await expect.poll(states).toEqual(Array<string>(6).fill('in-force'))
  await third.act('agreement:terminate', { jti, reason: 'notice was given' })
  const left = 'terminated'
  await expect.poll(states).toEqual(['in-force', left, 'in-force', left, left, left])
  expect(await untilStage(home, jti, 'in-force')).toMatchObject({
    parties: [{ state: 'in-force' }, { state: 'in-force' }, { state: 'terminated' }],
  })
  await overseas.act('agreement:terminate', { jti, reason: 'nobody is left' })
  await untilStage(home, jti, 'terminated')
})

test('one party suspends towards another, and the third is not touched', async () => {
  await using three = await startThree()
  const { home, overseas, third } = three
  const { jti } = await agree([home, overseas, third])
  await home.act('agreement:suspend', { jti, reason: 'an incident there', towards: third.url })
  expect([await stateOf(home, overseas), await stateOf(home, third)]).toEqual(['in-force', 'suspended'])
  await expect.poll(() => stateOf(third, home)).toBe('suspended')
  expect(await stateOf(third, overseas)).toBe('in-force')
})

test('a new version takes a further party in, and replaces the one before for all', async () => {
  await using three = await startThree()
  const { home, overseas, third } = three
  const first = await agree([home, overseas])
  const supersedes = first.jti
  const made = await home.act('agreement:supersede', { ...termsWith([overseas, third]), supersedes })
  const next = { jti: String(made['jti']), hash: String(made['hash']) }
  await countersign(overseas, next)
  // Until the last has signed, the version before is in force.
  expect(await stateOf(home, overseas)).toBe('in-force')
  expect((await listOf(home)).entries.map(({ agreement }) => agreement.jti)).toEqual([first.jti])
  await countersign(third, next)
  for (const root of [home, overseas, third]) await untilStage(root, next.jti, 'in-force')
  await untilStage(home, first.jti, 'superseded')
  await untilStage(overseas, first.jti, 'superseded')
  const { entries } = await listOf(home)
  expect(entries.map(({ state, agreement }) => [state, agreement.jti])).toEqual([
    ['in-force', next.jti],
    ['in-force', next.jti],
  ])
  await expect(home.propose('agreement:suspend', { jti: 'urn:uuid:x', reason: 'none' })).rejects.toThrow(
    'request-invalid',
  )
})

test('a version that leaves a party out, or replaces what is over, is refused', async () => {
  await using three = await startThree()
  const { home, overseas, third } = three
  const first = await agree([home, overseas, third])
  const without = { ...termsWith([overseas]), supersedes: first.jti }
  await expect(home.propose('agreement:supersede', without)).rejects.toThrow('is still a party')
  await third.act('agreement:terminate', { jti: first.jti, reason: 'notice' })
  await untilShown(home, first.jti, ({ parties }) => parties[2]?.state === 'terminated')
  const made = await home.act('agreement:supersede', without)
  await countersign(overseas, { jti: String(made['jti']), hash: String(made['hash']) })
  await untilStage(home, first.jti, 'superseded')
  await expect(home.propose('agreement:supersede', without)).rejects.toThrow('superseded')
})

test('an agreement begins at its nbf and ends at its exp, by itself', async () => {
  const clock = createClock(new Date())
  const { now } = clock
  await using pair = await startPair({ home: { now }, overseas: { now } })
  const { home, overseas } = pair
  const at = Math.floor(now().getTime() / 1000)
  const dates = { now: at, nbf: at + 600, exp: at + 3600, review_by: at + 3000 }
  const made = await proposeTo(home, [overseas], dates)
  await countersign(overseas, made)
  await untilShown(home, made.jti, ({ events }) => events.length === 2)
  expect(await shown(home, made.jti)).toMatchObject({ stage: 'countersigned' })
  expect(await stateOf(home, overseas)).toBeUndefined()
  clock.advanceSeconds(601)
  expect(await stateOf(home, overseas)).toBe('in-force')
  expect(await shown(home, made.jti)).toMatchObject({ stage: 'in-force' })
  clock.advanceSeconds(3000)
  const ended = await listOf(home)
  expect(ended.entries).toMatchObject([
    { state: 'expired', state_since: dates.exp + 1, valid_until: dates.exp },
  ])
  expect(await shown(home, made.jti)).toMatchObject({ stage: 'expired' })
})

test('a suspension that is set for later waits for its time', async () => {
  const clock = createClock(new Date())
  const { now } = clock
  await using pair = await startPair({ home: { now }, overseas: { now } })
  const { home, overseas } = pair
  const at = Math.floor(now().getTime() / 1000)
  const { jti } = await agree([home, overseas], { now: at })
  await home.act('agreement:suspend', { jti, reason: 'maintenance', effective: at + 100 })
  expect(await stateOf(home, overseas)).toBe('in-force')
  clock.advanceSeconds(101)
  expect(await stateOf(home, overseas)).toBe('suspended')
})

test('the list keeps its number while it says the same, and is chained when it does not', async () => {
  const clock = createClock(new Date())
  const { now } = clock
  await using pair = await startPair({ home: { now }, overseas: { now } })
  const { home, overseas } = pair
  const { jti } = await agree([home, overseas], { now: Math.floor(now().getTime() / 1000) })
  const first = await home.get('/v1/recognition-list')
  const text = await first.text()
  expect(first.headers.get('cache-control')).toBe('public, max-age=60')
  expect(await (await home.get('/v1/recognition-list')).text()).toBe(text)
  const etag = first.headers.get('etag') ?? ''
  expect((await home.get('/v1/recognition-list', { 'if-none-match': etag })).status).toBe(304)
  const before = await listOf(home)
  clock.advanceSeconds(61)
  const again = await listOf(home)
  expect([again.seq, again.prev, again.iat - before.iat]).toEqual([before.seq, before.prev, 61])
  await home.act('agreement:suspend', { jti, reason: 'checking' })
  const next = await listOf(home)
  expect([next.seq, next.prev]).toEqual([before.seq + 1, expect.stringMatching(/^[A-Za-z0-9_-]{43}$/)])
  expect(next.prev).not.toBe(before.prev)
  expect(next.exp - next.iat).toBe(3600)
  // Every issue stood in the queue of the log before it was served.
  await home.root.deps.node.tlog.drainNow()
  const changes = await (await home.get('/v1/changes?limit=1000')).text()
  expect(changes).toContain(next.prev ?? 'nothing')
})

test('with mutual witnessing each root is a witness of the other, and only while the agreement is alive', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const { jti } = await agree([home, overseas], { witnessing: { mutual: true } })
  const witnesses = async () => {
    const read = readEntityConfiguration(await (await home.get('/.well-known/openid-federation')).text())
    if (read.kind === 'rejected') throw new Error(read.detail)
    return read.claims.metadata.agent_code_root?.tlog?.witnesses?.map(({ url }) => url)
  }
  await expect.poll(witnesses).toEqual([`${overseas.url}/`])
  const { entries } = await listOf(home)
  expect(entries[0]?.tlog?.origin).toBe(`${overseas.url.slice('http://'.length)}/tlog`)
  // Each cosigns the other's checkpoints over HTTP.
  for (const [root, other] of [
    [home, overseas],
    [overseas, home],
  ] as const) {
    await waitFor(async () => {
      const checkpoint = await (await root.get('/tlog/checkpoint')).text()
      return checkpoint.includes(`— ${other.url.slice('http://'.length)} `)
    })
  }
  await overseas.act('agreement:terminate', { jti, reason: 'notice' })
  await expect.poll(() => stateOf(home, overseas)).toBe('terminated')
  await expect.poll(witnesses).toEqual([])
})

test('terms that overlap or do not hold together are refused before anybody signs', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const at = Math.floor(Date.now() / 1000)
  const bad: [Record<string, unknown>, string][] = [
    [{ exp: at + 10, nbf: at + 20, review_by: at + 15 }, 'agreement-invalid'],
    [{ exp: at - 10, nbf: at - 30, review_by: at - 20 }, 'agreement-invalid'],
    [{ review_by: at + 999_999_999 }, 'agreement-invalid'],
    [{ parties: [{ entity_id: home.url, contact: 'x' }] }, 'foreign-root-unknown'],
    [{ parties: [{ entity_id: 'https://nobody.example', contact: 'x' }] }, 'foreign-root-unknown'],
    [
      {
        parties: [
          { entity_id: overseas.url, contact: 'x' },
          { entity_id: overseas.url, contact: 'y' },
        ],
      },
      'agreement-invalid',
    ],
    [{ parties: [] }, 'request-invalid'],
    [{ unknown: 1 }, 'request-invalid'],
  ]
  for (const [change, code] of bad)
    await expect(home.propose('agreement:propose', termsWith([overseas], change))).rejects.toThrow(code)
  // The desk pins nobody whose prefix overlaps, so that no terms with it can be made.
  await expect(
    home.propose('foreign-root:pin', { ...pinOf(overseas), code_prefixes: ['1.2.156.3088.5'] }),
  ).rejects.toThrow('prefix-overlap')
})
