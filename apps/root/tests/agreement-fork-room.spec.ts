import { recordHash } from '@arc3088/records'
import { expect, test } from 'vitest'

import { compareAll } from '../src/agreements/compare-events.ts'
import { agree, shown, startPair, startThree, stateOf } from './agreement-roots.ts'
import { eventOf, lastOf, problemOf, rawTerms, sendAs, signedBy } from './agreement-wire.ts'
import { refusalOfProposal } from './provider-acts.ts'
import type { TestRoot } from './start-test-root.ts'

/** More than there is room for. */
const MANY = 70

const pathOf = (id: string) => `/v1/agreements/${id}/events`
const alarmsOf = (root: TestRoot) =>
  root.logged.filter((line) => line.includes('signed two events for one place')).length

/** Two events of overseas for its second place. */
async function twoOf(overseas: TestRoot, home: TestRoot, agreed: { jti: string; hash: string }) {
  const prev = await lastOf(overseas, home, agreed.jti, 2)
  return {
    known: await eventOf(overseas, agreed, { prev }),
    other: await eventOf(overseas, agreed, { prev, reason: 'said to another' }),
  }
}

/** Has overseas say both to home: the second is refused, overseas is found out, and the alarm is raised once. */
async function expectFoundOut(
  { home, overseas }: { home: TestRoot; overseas: TestRoot },
  { jti, id }: { jti: string; id: string },
  { known, other }: { known: string; other: string },
): Promise<void> {
  expect((await sendAs(overseas, home, pathOf(id), { event: known })).status).toBe(201)
  for (let nth = 0; nth < 2; nth++)
    expect(await problemOf(await sendAs(overseas, home, pathOf(id), { event: other }))).toEqual([
      409,
      'agreement-forked',
    ])
  const at = Math.floor(Date.now() / 1000)
  const { doubted } = (await shown(home, jti)) as unknown as {
    doubted: { entity_id: string; since: number }[]
  }
  expect(doubted).toMatchObject([{ entity_id: overseas.url }])
  expect(doubted[0]?.since).toBeLessThanOrEqual(at)
  expect(alarmsOf(home)).toBe(1)
  const audited = await home.database.db
    .selectFrom('audit_entry')
    .select('detail')
    .where('act', '=', 'agreement:fork-found')
    .execute()
  expect(audited).toMatchObject([{ detail: { entity_id: overseas.url, other: await recordHash(other) } }])
}

test('a party that sends other terms without end is still found out by two events', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const agreed = await agree([home, overseas])
  for (let nth = 1; nth <= MANY; nth++) {
    const terms = await rawTerms([home, overseas], { jti: agreed.jti, notice_period_days: nth })
    const agreement = await signedBy(terms, [overseas.keys.signer('federation')])
    const response = await sendAs(overseas, home, '/v1/agreements', { agreement })
    expect(await problemOf(response)).toEqual([409, 'agreement-forked'])
  }
  await expectFoundOut(pair, agreed, await twoOf(overseas, home, agreed))
  const { n } = await home.database.db
    .selectFrom('agreement_fork')
    .select(({ fn }) => fn.countAll<string>().as('n'))
    .where('seq', 'is', null)
    .executeTakeFirstOrThrow()
  expect(Number(n)).toBe(64)
})

test('rows that prove nothing, or a later day, keep a proof from nobody', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const agreed = await agree([home, overseas])
  const two = await twoOf(overseas, home, agreed)
  const row = { agreement: agreed.id, entity_id: overseas.url, seq: 2, known: 'x', other: 'x' }
  const garbage = Array.from({ length: MANY }, (_, nth) => `forged-${nth}`)
  for (const other_hash of [await recordHash(two.other), ...garbage])
    await home.database.db
      .insertInto('agreement_fork')
      .values({ ...row, other_hash, seen_at: new Date() })
      .execute()
  await home.database.db
    .insertInto('agreement_fork')
    .values({ ...row, ...two, other_hash: 'later', seen_at: new Date('2099-01-01') })
    .execute()
  expect(await stateOf(home, overseas)).toBe('in-force')
  await expectFoundOut(pair, agreed, two)
})

test.each([['what is refused'], ['what the database fails at']])(
  '%s of one party keeps nothing of another from being taken, from whomever it comes',
  async (what) => {
    await using three = await startThree()
    const { home, overseas, third } = three
    const agreed = await agree([home, overseas, third])
    const { jti, id } = agreed
    const prev = await lastOf(overseas, third, jti, 3)
    const isRefused = what === 'what is refused'
    // Home refuses what comes from the future; and it can keep no event where a row stands in its place.
    const iat = Math.floor(Date.now() / 1000) + (isRefused ? 3600 : 0)
    const of = { prev: await lastOf(third, home, jti, 3), iat, effective: iat }
    const ofThird = await eventOf(third, agreed, of)
    const place = { agreement: id, entity_id: third.url, seq: 2, received_at: new Date() }
    const real = { ...place, jws: ofThird, hash: await recordHash(ofThird) }
    await third.database.db.insertInto('agreement_event').values(real).execute()
    const forged = { ...place, jws: 'x', hash: 'x' }
    if (!isRefused) await home.database.db.insertInto('agreement_event').values(forged).execute()
    const suspended = await eventOf(overseas, agreed, { prev })
    const after = { seq: 3, prev: await recordHash(suspended), event: 'terminate' } as const
    for (const event of [suspended, await eventOf(overseas, agreed, after)])
      expect((await sendAs(overseas, third, pathOf(id), { event })).status).toBe(201)
    await compareAll(home.root.deps)
    expect(await stateOf(home, overseas)).toBe('terminated')
    const told = home.logged.filter((line) => line.includes('could not be compared'))
    expect(told).toHaveLength(1)
    expect(told[0]).toContain(`"entity.id":"${third.url}"`)
  },
)

test('a row in the place of the next event of this root is refused by name, and no second one is signed', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const { jti, id } = await agree([home, overseas])
  await home.database.db
    .insertInto('agreement_event')
    .values({ agreement: id, entity_id: home.url, seq: 2, jws: 'x', hash: 'x', received_at: new Date() })
    .execute()
  const ask = { jti, reason: 'checking' }
  expect(await refusalOfProposal(home, 'agreement:suspend', ask)).toBe('409 agreement-state')
  expect(await refusalOfProposal(home, 'agreement:terminate', ask)).toBe('409 agreement-state')
})
