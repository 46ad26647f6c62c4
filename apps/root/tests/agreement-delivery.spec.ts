import { createClock } from '@arc3088/testkit'
import { expect, test } from 'vitest'

import { openAgreements } from '../src/agreements/agreements.ts'
import {
  agree,
  countersign,
  OVERSEAS,
  pinOf,
  proposeTo,
  shown,
  startPair,
  stateOf,
  termsWith,
  untilShown,
  untilStage,
} from './agreement-roots.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'

test('what is proposed while the other root is down is delivered when it comes back', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  await overseas.down()
  const made = await proposeTo(home, [overseas])
  const waiting = await untilShown(home, made.jti, ({ deliveries }) => (deliveries[0]?.attempts ?? 0) > 1)
  expect(waiting.deliveries).toMatchObject([{ recipient: overseas.url, kind: 'terms', delivered_at: null }])
  expect(waiting.deliveries[0]?.last_answer).toContain('upstream-unreachable')
  await overseas.up()
  await untilStage(overseas, made.jti, 'proposed')
  await untilShown(home, made.jti, ({ deliveries }) => deliveries[0]?.delivered_at !== null)
})

test('a root that went down after it decided delivers when it is up again', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const { jti } = await agree([home, overseas])
  await overseas.down()
  await home.act('agreement:suspend', { jti, reason: 'checking' })
  await home.act('agreement:resume', { jti, reason: 'over' })
  await home.act('agreement:suspend', { jti, reason: 'again' })
  await home.down()
  await overseas.up()
  await home.up()
  await expect.poll(() => stateOf(overseas, home)).toBe('suspended')
  const { events } = await untilShown(overseas, jti, (agreement) => agreement.events.length === 5)
  expect(events.filter(({ iss }) => iss === home.url).map(({ event }) => event)).toEqual([
    'activate',
    'suspend',
    'resume',
    'suspend',
  ])
})

test('events that got lost on the way are asked for', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const { jti, id } = await agree([home, overseas])
  await overseas.down()
  await home.act('agreement:suspend', { jti, reason: 'checking' })
  await home.act('agreement:resume', { jti, reason: 'over' })
  await home.act('agreement:suspend', { jti, reason: 'again' })
  // As though the first two had been acknowledged by somebody who forgot them.
  const rows = await home.database.db
    .selectFrom('agreement_delivery')
    .select('id')
    .where('agreement', '=', id)
    .where('delivered_at', 'is', null)
    .orderBy('id')
    .limit(2)
    .execute()
  expect(rows).toHaveLength(2)
  await home.database.db
    .updateTable('agreement_delivery')
    .set({ delivered_at: new Date() })
    .where(
      'id',
      'in',
      rows.map((row) => row.id),
    )
    .execute()
  await overseas.up()
  await untilShown(overseas, jti, ({ events }) => events.length === 5)
  expect(await stateOf(overseas, home)).toBe('suspended')
})

/** What may be lost at each step: whatever happens, a retry or the outbox brings it to the same end. */
const STEPS = ['approval:decided', 'agreement:signed', 'approval:committed'] as const

test.each(STEPS)('a proposer that dies at %s signs once, and delivers', async (step) => {
  let dies = false
  const reached = (at: string): void => {
    if (dies && at === step) {
      dies = false
      throw new Error(`died at ${step}`)
    }
  }
  await using pair = await startPair({ home: { reached } })
  const { home, overseas } = pair
  const proposal = await home.propose('agreement:propose', termsWith([overseas]))
  dies = true
  expect((await home.approve(proposal)).status).toBe(500)
  const retried = await home.approve(proposal)
  const text = await retried.text()
  expect([retried.status, text]).toEqual([201, expect.stringContaining('"jti"')])
  const { outcome } = JSON.parse(text) as { outcome: { jti: string; hash: string } }
  await countersign(overseas, outcome)
  for (const root of [home, overseas]) await untilStage(root, outcome.jti, 'in-force')
  expect(await countSignatures(home, outcome.jti)).toBe(2)
})

async function countSignatures({ database }: TestRoot, jti: string): Promise<number> {
  const rows = await database.db
    .selectFrom('agreement_signature')
    .select('kid')
    .where('agreement', '=', jti.slice('urn:uuid:'.length))
    .execute()
  return rows.length
}

test.each(['agreement:signature-received', 'agreement:event-received', 'agreement:acknowledged'])(
  'what dies at %s is brought to its end by the outbox',
  async (step) => {
    let deaths = 1
    const reached = (at: string): void => {
      if (at === step && deaths > 0) {
        deaths -= 1
        throw new Error(`died at ${step}`)
      }
    }
    await using pair = await startPair({ home: { reached } })
    const { home, overseas } = pair
    const { jti } = await agree([home, overseas])
    await overseas.act('agreement:suspend', { jti, reason: 'checking' })
    await home.act('agreement:suspend', { jti, reason: 'checking too' })
    for (const root of [home, overseas]) await untilShown(root, jti, ({ events }) => events.length === 4)
    expect(deaths).toBe(0)
  },
)

test('the same act approved many times at once is signed once', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const { jti } = await agree([home, overseas])
  const proposal = await home.propose('agreement:suspend', { jti, reason: 'checking' })
  const answers = await Promise.all(Array.from({ length: 6 }, () => home.approve(proposal)))
  const texts = await Promise.all(answers.map((answer) => answer.text()))
  expect(
    new Set(texts.map((text) => JSON.stringify((JSON.parse(text) as { outcome?: object }).outcome))).size,
  ).toBe(1)
  const { events } = await untilShown(overseas, jti, ({ events: all }) => all.length === 3)
  expect(events.filter(({ event }) => event === 'suspend')).toHaveLength(1)
})

test('a root that pins later takes what was refused before', async () => {
  const clock = createClock(new Date())
  await using home = await startTestRoot({ now: clock.now })
  await using overseas = await startTestRoot({}, OVERSEAS)
  await home.act('foreign-root:pin', pinOf(overseas))
  const made = await proposeTo(home, [overseas])
  await untilShown(home, made.jti, ({ deliveries }) => deliveries[0]?.last_answer?.includes('403') === true)
  await overseas.act('foreign-root:pin', pinOf(home))
  expect(await shown(overseas, made.jti)).toBeUndefined()
  clock.advanceSeconds(60)
  await untilStage(overseas, made.jti, 'proposed')
})

test('rows alone make no signature, no event and no entry of a list', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const made = await proposeTo(overseas, [home])
  await untilStage(home, made.jti, 'proposed')
  const id = made.jti.slice('urn:uuid:'.length)
  const app = home.database.db
  const signer = home.keys.signer('federation')
  const forged = { kid: signer.kid, received_at: new Date() }
  const part = await app
    .selectFrom('agreement_signature')
    .select(['protected', 'signature'])
    .where('agreement', '=', id)
    .executeTakeFirstOrThrow()
  await app
    .insertInto('agreement_signature')
    .values({ agreement: id, entity_id: home.url, ...forged, ...part })
    .execute()
  await app
    .insertInto('agreement_event')
    .values({ hash: 'x', agreement: id, entity_id: home.url, seq: 1, jws: 'a.b.c', received_at: new Date() })
    .execute()
  for (const kind of ['signature', 'terms'] as const)
    await app
      .insertInto('agreement_delivery')
      .values({
        agreement: id,
        recipient: overseas.url,
        kind,
        event: null,
        request_id: home.root.deps.node.ambient.newId(),
        created_at: new Date(),
        due_at: new Date(),
      })
      .execute()
  await app
    .insertInto('recognition_list')
    .values({ seq: 7, content: 'x', hash: 'x', jws: 'a.b.c', issued_at: new Date() })
    .execute()
  expect(await shown(home, made.jti)).toMatchObject({ stage: 'proposed', events: [] })
  expect(await stateOf(home, overseas)).toBeUndefined()
  await untilShown(home, made.jti, ({ deliveries }) =>
    deliveries.some(
      (each) => each.last_answer?.includes('nothing of this root bears this delivery out') === true,
    ),
  )
  expect(await shown(overseas, made.jti)).toMatchObject({ stage: 'proposed', events: [] })
  const said = home.logged.join('')
  expect(said).toContain(`the signature of ${home.url} on agreement ${id} is not good`)
  expect(said).toContain('a recognition list is not one of this root')
})

test('a signature that was truly made counts for nothing without its decision', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const { id } = await agree([home, overseas])
  const { agreements, foreignRoots, node, decisions, rootKeySets } = home.root.deps
  const parts = {
    db: node.db,
    foreignRoots,
    entityId: node.entityId,
    rootKeySets: () => rootKeySets,
    log: node.log,
  }
  expect((await agreements.read(node.db, id))?.signed).toEqual([home.url, overseas.url])
  const decided = openAgreements({ ...parts, decisions })
  expect((await decided.all()).map(({ signed }) => signed)).toEqual([[home.url, overseas.url]])
  const undecided = openAgreements({ ...parts, decisions: { verified: () => Promise.resolve([]) } })
  const [known] = await undecided.all()
  expect([known?.signed, known?.missing]).toEqual([[overseas.url], [home.url]])
  expect(home.logged.join('')).toContain(`no decision bears out the signature of ${home.url}`)
})
