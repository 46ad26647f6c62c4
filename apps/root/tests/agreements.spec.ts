import { readAgreementEvent, verifyAgreement, type GeneralJws, type PublicJwk } from '@arc3088/records'
import { expect, test } from 'vitest'

import {
  agree,
  countersign,
  listOf,
  proposeTo,
  shown,
  startPair,
  stateOf,
  untilShown,
  untilStage,
} from './agreement-roots.ts'
import type { TestRoot } from './start-test-root.ts'

const keysOf =
  (roots: readonly TestRoot[]) =>
  (entityId: string): readonly PublicJwk[] =>
    roots.filter(({ url }) => url === entityId).map(({ keys }) => keys.signer('federation').publicJwk)

test('two roots bring an agreement into force over HTTP, and each lists the other', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  expect((await listOf(home)).entries).toEqual([])
  const made = await proposeTo(home, [overseas])
  const waiting = await untilStage(overseas, made.jti, 'proposed')
  expect(waiting.parties.map(({ entity_id: id, signed }) => [id, signed])).toEqual([
    [home.url, true],
    [overseas.url, false],
  ])
  expect((await home.get(`/v1/agreements/${made.jti}`)).status).toBe(404)
  expect(await stateOf(home, overseas)).toBeUndefined()
  await countersign(overseas, made)
  const atHome = await untilStage(home, made.jti, 'in-force')
  await untilStage(overseas, made.jti, 'in-force')
  expect(atHome.events.map(({ iss, event }) => [iss, event])).toEqual([
    [home.url, 'activate'],
    [overseas.url, 'activate'],
  ])
  await untilShown(home, made.jti, ({ deliveries }) => deliveries.every((each) => each.delivered_at !== null))

  const response = await home.get(`/v1/agreements/${made.jti}`)
  expect(response.headers.get('content-type')).toBe('application/jose+json')
  const jws = (await response.json()) as GeneralJws
  const verified = await verifyAgreement(jws, keysOf([home, overseas]))
  expect(verified).toMatchObject({ kind: 'verified', hash: made.hash, missing: [] })
  expect(await (await overseas.get(`/v1/agreements/${made.jti}`)).json()).toEqual(jws)

  const list = await listOf(home)
  expect(list.entries).toMatchObject([
    {
      trust_anchor: overseas.url,
      code_prefixes: ['1.3.6.1.4.1.99999.3088'],
      territory: 'SG',
      state: 'in-force',
      agreement: { jti: made.jti, hash: made.hash },
    },
  ])
  expect(await stateOf(overseas, home)).toBe('in-force')
  expect((await home.get(list.entries[0]?.agreement.uri.slice(home.url.length) ?? '')).status).toBe(200)
})

test('a suspension is in the next list of both roots, and only whoever suspended can resume', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const { jti } = await agree([home, overseas])
  const before = await listOf(home)
  await home.act('agreement:suspend', { jti, reason: 'checking an incident' })
  const after = await listOf(home)
  expect(after.entries[0]?.state).toBe('suspended')
  expect(after.seq).toBeGreaterThan(before.seq)
  await expect.poll(() => stateOf(overseas, home)).toBe('suspended')
  await expect(overseas.propose('agreement:resume', { jti, reason: 'all is well' })).rejects.toThrow(
    'agreement-state',
  )
  await home.act('agreement:resume', { jti, reason: 'the incident is over' })
  expect(await stateOf(home, overseas)).toBe('in-force')
  await expect.poll(() => stateOf(overseas, home)).toBe('in-force')
})

test('when both suspended, both have to resume', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const { jti } = await agree([home, overseas])
  await home.act('agreement:suspend', { jti, reason: 'one' })
  await overseas.act('agreement:suspend', { jti, reason: 'two' })
  await home.act('agreement:resume', { jti, reason: 'one is over' })
  await untilShown(home, jti, ({ events }) => events.length === 5)
  expect(await stateOf(home, overseas)).toBe('suspended')
  await overseas.act('agreement:resume', { jti, reason: 'two is over' })
  await expect.poll(() => stateOf(home, overseas)).toBe('in-force')
})

test('to leave is final', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const { jti } = await agree([home, overseas])
  await overseas.act('agreement:terminate', { jti, reason: 'notice was given' })
  expect(await stateOf(overseas, home)).toBe('terminated')
  await expect.poll(() => stateOf(home, overseas)).toBe('terminated')
  for (const kind of ['agreement:resume', 'agreement:suspend', 'agreement:terminate', 'agreement:key-update'])
    await expect(overseas.propose(kind, { jti, reason: 'again' })).rejects.toThrow('agreement-state')
  // What has ended stays in the list, so that its history can be answered for; another agreement can be made.
  const next = await agree([overseas, home])
  expect(await stateOf(home, overseas)).toBe('in-force')
  expect((await listOf(home)).entries.map(({ agreement }) => agreement.jti)).toEqual([next.jti])
})

test('a proposal that is declined never comes into force', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const made = await proposeTo(home, [overseas])
  await untilStage(overseas, made.jti, 'proposed')
  await overseas.act('agreement:decline', { jti: made.jti, reason: 'the scope is too wide' })
  await untilStage(home, made.jti, 'declined')
  await expect(overseas.propose('agreement:countersign', { jti: made.jti, hash: made.hash })).rejects.toThrow(
    'agreement-state',
  )
  expect((await listOf(home)).entries).toEqual([])
  expect(await agree([home, overseas])).toBeDefined()
})

test('whoever proposed can take it back while a signature is missing', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const made = await proposeTo(home, [overseas])
  await untilStage(overseas, made.jti, 'proposed')
  await home.act('agreement:terminate', { jti: made.jti, reason: 'made by mistake' })
  await untilStage(overseas, made.jti, 'declined')
  await expect(overseas.propose('agreement:countersign', { jti: made.jti, hash: made.hash })).rejects.toThrow(
    'agreement-state',
  )
})

test('what the officers did not read is not signed', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const made = await proposeTo(home, [overseas])
  await untilStage(overseas, made.jti, 'proposed')
  const other = { jti: made.jti, hash: 'A'.repeat(43) }
  await expect(overseas.propose('agreement:countersign', other)).rejects.toThrow('agreement-state')
  const alone = await overseas.propose('agreement:countersign', { jti: made.jti, hash: made.hash })
  expect(alone.payload['hash']).toBe(made.hash)
  expect(await shown(overseas, made.jti)).toMatchObject({ stage: 'proposed' })
})

test('a second agreement with the same root waits until the first is over', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  await agree([home, overseas])
  await expect(proposeTo(home, [overseas])).rejects.toThrow('agreement-pending')
})

test('events stand in the logs of both roots, and everybody can read them', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const { jti, id } = await agree([home, overseas])
  await home.act('agreement:suspend', { jti, reason: 'checking' })
  await untilStage(overseas, jti, 'suspended')
  const { events, root_keys: sets } = (await (await overseas.get(`/v1/agreements/${id}/events`)).json()) as {
    events: string[]
    root_keys: unknown[]
  }
  // What a stranger needs to verify the other party's signatures.
  expect(sets).toEqual([(JSON.parse(home.keySets) as unknown[])[0]])
  const read = events.map((jws) => readAgreementEvent(jws))
  expect(read.map((each) => (each.kind === 'read' ? each.claims.event : each.detail))).toEqual([
    'activate',
    'suspend',
    'activate',
  ])
  for (const root of [home, overseas]) {
    await root.root.deps.node.tlog.drainNow()
    const changes = await (await root.get('/v1/changes?limit=1000')).text()
    expect(changes.split(jti).length - 1).toBeGreaterThanOrEqual(4)
  }
})
