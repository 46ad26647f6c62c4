import { AGREEMENT_EVENTS_OF_ANY_KIND, recordHash, type AgreementEvent } from '@arc3088/records'
import { expect, test } from 'vitest'

import { compareAll } from '../src/agreements/compare-events.ts'
import { agree, listOf, shown, startPair, startThree, stateOf } from './agreement-roots.ts'
import { eventOf, lastOf, problemOf, sendAs } from './agreement-wire.ts'

const pathOf = (id: string) => `/v1/agreements/${id}/events`

test('a party that tells two others two things is found out by whoever compares, and counts as suspended', async () => {
  await using three = await startThree()
  const { home, overseas, third } = three
  const agreed = await agree([home, overseas, third])
  const { jti, id } = agreed
  const prev = await lastOf(overseas, home, jti, 3)
  await lastOf(overseas, third, jti, 3)
  const toHome = await eventOf(overseas, agreed, { prev, towards: third.url })
  const toThird = await eventOf(overseas, agreed, { prev, towards: third.url, reason: 'said to the other' })
  expect((await sendAs(overseas, home, pathOf(id), { event: toHome })).status).toBe(201)
  expect((await sendAs(overseas, third, pathOf(id), { event: toThird })).status).toBe(201)
  // What overseas says to each is about the third; towards home it has said nothing.
  expect(await stateOf(home, overseas)).toBe('in-force')
  await compareAll(home.root.deps)
  expect(await shown(home, jti)).toMatchObject({
    doubted: [{ entity_id: overseas.url, since: expect.any(Number) as number }],
  })
  expect(await stateOf(home, overseas)).toBe('suspended')
  expect(await stateOf(home, third)).toBe('in-force')
  const kept = await home.database.db
    .selectFrom('agreement_fork')
    .select(['entity_id', 'seq', 'known', 'other'])
    .where('agreement', '=', id)
    .execute()
  expect(kept).toEqual([{ entity_id: overseas.url, seq: 2, known: toHome, other: toThird }])
  const audited = await home.database.db
    .selectFrom('audit_entry')
    .select(['actor', 'detail'])
    .where('act', '=', 'agreement:fork-found')
    .execute()
  expect(audited).toMatchObject([
    { actor: third.url, detail: { entity_id: overseas.url, other: await recordHash(toThird) } },
  ])
  // Found once, however often it is compared; and no later word of the party undoes it.
  await compareAll(home.root.deps)
  expect(home.logged.filter((line) => line.includes('signed two events for one place'))).toHaveLength(1)
  const later = await eventOf(overseas, agreed, { seq: 3, prev: await recordHash(toHome), event: 'resume' })
  expect((await sendAs(overseas, home, pathOf(id), { event: later })).status).toBe(201)
  expect(await stateOf(home, overseas)).toBe('suspended')
})

test('what a party was told and this root was not is taken, when they compare', async () => {
  await using three = await startThree()
  const { home, overseas, third } = three
  const agreed = await agree([home, overseas, third])
  const prev = await lastOf(overseas, home, agreed.jti, 3)
  const event = await eventOf(overseas, agreed, { prev: await lastOf(overseas, third, agreed.jti, 3) })
  expect(prev).not.toBeNull()
  expect((await sendAs(overseas, third, pathOf(agreed.id), { event })).status).toBe(201)
  expect(await stateOf(home, overseas)).toBe('in-force')
  await compareAll(home.root.deps)
  expect(await stateOf(home, overseas)).toBe('suspended')
  expect(await shown(home, agreed.jti)).toMatchObject({ doubted: [] })
})

test('a row that says so accuses nobody', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const { jti, id } = await agree([home, overseas])
  await lastOf(overseas, home, jti, 2)
  const stored = await home.database.db
    .selectFrom('agreement_event')
    .select('jws')
    .where('agreement', '=', id)
    .where('entity_id', '=', overseas.url)
    .executeTakeFirstOrThrow()
  const forged = await eventOf(home, { jti, hash: 'A'.repeat(43) }, { iss: overseas.url, seq: 1 })
  await home.database.db
    .insertInto('agreement_fork')
    .values({
      agreement: id,
      entity_id: overseas.url,
      seq: 1,
      known: stored.jws,
      other: forged,
      other_hash: await recordHash(forged),
      seen_at: new Date(),
    })
    .execute()
  expect(await shown(home, jti)).toMatchObject({ doubted: [], stage: 'in-force' })
  expect(home.logged.some((line) => line.includes('is not borne out'))).toBe(true)
})

test('a resumption that comes later than it says counts from when it came', async () => {
  let aheadSeconds = 0
  const nowAtHome = () => new Date(Date.now() + aheadSeconds * 1000)
  await using pair = await startPair({ home: { now: nowAtHome } })
  const { home, overseas } = pair
  const agreed = await agree([home, overseas])
  const prev = await lastOf(overseas, home, agreed.jti, 2)
  const suspended = await eventOf(overseas, agreed, { prev })
  expect((await sendAs(overseas, home, pathOf(agreed.id), { event: suspended })).status).toBe(201)
  expect(await stateOf(home, overseas)).toBe('suspended')
  const resumed = await eventOf(overseas, agreed, {
    seq: 3,
    prev: await recordHash(suspended),
    event: 'resume',
  })
  aheadSeconds = 1200
  const later = Math.floor(nowAtHome().getTime() / 1000)
  const sent = { claims: { iat: later, exp: later + 300 } }
  expect((await sendAs(overseas, home, pathOf(agreed.id), { event: resumed }, sent)).status).toBe(201)
  const [entry] = (await listOf(home)).entries
  expect(entry).toMatchObject({
    state: 'in-force',
    late_events: [{ hash: await recordHash(resumed), seen: entry?.state_since }],
  })
  expect(entry?.state_since).toBeGreaterThanOrEqual(later)
})

test('a party that has used up its room for events can suspend and leave, and nothing else', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const agreed = await agree([home, overseas])
  let prev = await lastOf(overseas, home, agreed.jti, 2)
  let seq = 1
  const next = async (event: AgreementEvent['event']): Promise<Response> => {
    const made = await eventOf(overseas, agreed, { seq: seq + 1, prev, event })
    const response = await sendAs(overseas, home, pathOf(agreed.id), { event: made })
    if (response.status === 201) {
      seq += 1
      prev = await recordHash(made)
    }
    return response
  }
  for (let nth = 0; nth < AGREEMENT_EVENTS_OF_ANY_KIND / 2 - 1; nth++) {
    expect((await next('suspend')).status).toBe(201)
    expect((await next('resume')).status).toBe(201)
  }
  expect((await next('suspend')).status).toBe(201)
  expect(await problemOf(await next('resume'))).toEqual([422, 'agreement-invalid'])
  expect(await stateOf(home, overseas)).toBe('suspended')
  expect((await next('terminate')).status).toBe(201)
  expect(await stateOf(home, overseas)).toBe('terminated')
})
