import { createMemorySigner, generateSigningKey } from '@arc3088/records'
import type { TestDatabase } from '@arc3088/testkit'
import { connect } from '@arc3088/db'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { IssuerTables } from '../src/index.ts'
import { createStatusLists } from '../src/status/status-lists.ts'
import { createIssuerDatabase, startProcess, submit, TEST_PLAN } from './test-issuer.ts'

let database: TestDatabase<IssuerTables>
beforeEach(async () => {
  database = await createIssuerDatabase()
})
afterEach(async () => {
  await database.drop()
})

describe('leased numbers', () => {
  test('two processes never draw the same number or status index', async () => {
    const drawn: number[] = []
    const places: string[] = []
    await using one = await startProcess(database)
    await using two = await startProcess(database)
    await Promise.all(
      [one, two, one, two, one, two].map(async ({ supply }) => {
        using draw = await supply.reserve('requester', { numbers: 100, statuses: 100 })
        for (let nth = 0; nth < 100; nth++) {
          drawn.push(draw.number() ?? -1)
          const { list, index } = draw.status()
          places.push(`${list}/${index}`)
        }
      }),
    )
    expect(new Set(drawn).size).toBe(600)
    expect(new Set(places).size).toBe(600)
    expect(drawn.every((number) => number >= 1000 && number <= 99_999)).toBe(true)
  })

  test('what was not drawn is given back, what was drawn is not', async () => {
    await using node = await startProcess(database)
    let first: number | undefined
    {
      using draw = await node.supply.reserve('requester', { numbers: 3, statuses: 0 })
      first = draw.number()
    }
    using again = await node.supply.reserve('requester', { numbers: 5, statuses: 0 })
    const drawn = Array.from({ length: 5 }, () => again.number())
    expect(drawn).not.toContain(first)
    const { leased } = await database.db
      .selectFrom('numbering_range')
      .select('leased')
      .where('name', '=', 'general')
      .executeTakeFirstOrThrow()
    expect(leased).toBe(16)
  })

  test('a range used up is a typed refusal; a chosen number can still be had, and a retry still finds its code', async () => {
    const plan = [
      { level: 'requester', name: 'short', kind: 'chosen', first: 1, last: 9 },
      { level: 'requester', name: 'tiny', kind: 'sequential', first: 10, last: 12 },
    ] as const
    await using node = await startProcess(database, { plan })
    const codes = []
    for (const key of ['a', 'b', 'c']) codes.push((await node.assign(submit(key))).subject.text)
    expect(codes).toEqual(['1.2.156.3088.1.1.A', '1.2.156.3088.1.1.B', '1.2.156.3088.1.1.C'])
    await expect(node.assign(submit('d'))).rejects.toMatchObject({ code: 'numbering-exhausted' })
    expect((await node.assign(submit('a'))).subject.text).toBe(codes[0])
    const mixed = await Promise.allSettled([node.assign(submit('e')), node.assign(submit('f', { wish: 5 }))])
    expect(mixed.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  })

  test('the database refuses ranges of one level that overlap', async () => {
    await using node = await startProcess(database)
    await node.assign(submit('k'))
    const overlapping = database.db
      .insertInto('numbering_range')
      .values({
        id: '019ab000-0000-7000-8000-000000000000',
        level: 'requester',
        name: 'other',
        kind: 'chosen',
        first: 999,
        last: 1000,
        scramble_key: null,
        created_at: new Date(),
      })
      .execute()
    await expect(overlapping).rejects.toMatchObject({ constraint: 'numbering_range_disjoint' })
  })

  test('the plan that a node has is kept, whatever the default says later', async () => {
    await using first = await startProcess(database)
    await using second = await startProcess(database, { plan: [] })
    expect(second.issuing.plan()).toEqual(first.issuing.plan())
    expect(first.issuing.plan()).toEqual(TEST_PLAN)
  })
})

describe('status lists', () => {
  test('one that was asked for before it was opened is there the moment it is', async () => {
    await using node = await startProcess(database)
    const { privateJwk } = await generateSigningKey('ES256')
    const signer = await createMemorySigner({ alg: 'ES256', privateJwk })
    const { sign: signStatusList } = createStatusLists({
      db: database.db,
      ambient: node.issuing.ambient,
      signer: () => signer,
      entityId: node.issuing.entityId,
      ttlSeconds: 60,
      statusListUri: (list) => node.issuing.statusListUri(list),
    })
    expect(await signStatusList(0)).toBeUndefined()
    await node.assign(submit('k1'))
    expect(await signStatusList(0)).toMatch(/^ey/)
  })

  test('the next list is opened when one is full', async () => {
    await using node = await startProcess(database)
    await node.assign(submit('k1'))
    const owner = connect<IssuerTables>({
      url: database.ownerUrl,
      max: 1,
      applicationName: 'owner',
      onIdleError: () => undefined,
    })
    await sql`update status_list set leased = 131070`.execute(owner)
    await owner.destroy()
    await using fresh = await startProcess(database)
    const lists = new Set<number>()
    using draw = await fresh.supply.reserve('requester', { numbers: 0, statuses: 5 })
    for (let nth = 0; nth < 5; nth++) lists.add(draw.status().list)
    expect([...lists]).toEqual([0, 1])
  })
})
