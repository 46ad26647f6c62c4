import { STATUS, STATUS_BITS, statusAt } from '@arc3088/records'
import { systemAmbient } from '@arc3088/service'
import { createClock, waitFor, type TestDatabase } from '@arc3088/testkit'
import { StatusList } from '@sd-jwt/jwt-status-list'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { IssuerTables } from '../src/index.ts'
import { TOKEN_AGE_SECONDS_MAX } from '../src/status/kept-list.ts'
import { keepPublishing } from '../src/status/publish-loop.ts'
import { setStatusMany } from '../src/status/set-status.ts'
import {
  begin,
  change,
  changeOf,
  claimsOf,
  createStatusKey,
  openLists,
  startLists,
  statusIn,
  statusListUri,
} from './status-fixture.ts'
import { createIssuerDatabase } from './test-issuer.ts'

let database: TestDatabase<IssuerTables>
beforeEach(async () => {
  database = await createIssuerDatabase()
  await openLists(database, 3)
})
afterEach(async () => {
  await database.drop()
})

const { revoked, suspended, retired, valid } = STATUS

describe('a list that is published', () => {
  test('reads the same in @sd-jwt/jwt-status-list after changes followed one by one', async () => {
    await using node = await startLists(database)
    await node.lists.sign(0)
    await change(database.db, [changeOf(0, 0, revoked), changeOf(0, 131_071, suspended)])
    await change(database.db, [changeOf(0, 77, suspended)])
    await change(database.db, [changeOf(0, 77, retired)])
    expect(await node.lists.publishDirty()).toBe(1)
    const { status_list: list } = claimsOf(await node.lists.sign(0))
    const theirs = StatusList.decompressStatusList(list.lst, STATUS_BITS)
    expect([0, 1, 77, 131_071].map((index) => theirs.getStatus(index))).toEqual([
      revoked,
      valid,
      retired,
      suspended,
    ])
  })

  test('is the only one signed again; every other keeps its bytes', async () => {
    await using node = await startLists(database)
    const before = [await node.lists.sign(0), await node.lists.sign(1)]
    await change(database.db, [changeOf(1, 5, revoked)])
    expect(await node.lists.publishDirty()).toBe(1)
    const after = [await node.lists.sign(0), await node.lists.sign(1)]
    expect(after[0]).toBe(before[0])
    expect(after[1]).not.toBe(before[1])
    expect(await node.lists.publishDirty()).toBe(0)
  })

  test('keeps its bytes when an entry gets the value that it has', async () => {
    await using node = await startLists(database)
    await change(database.db, [changeOf(0, 5, suspended)])
    const before = await node.lists.sign(0)
    await change(database.db, [changeOf(0, 5, suspended)])
    expect(await node.lists.publishDirty()).toBe(0)
    expect(await node.lists.sign(0)).toBe(before)
  })

  test('is signed again at a quarter of its life, with the same bits, and not before', async () => {
    const clock = createClock()
    await using node = await startLists(database, { ambient: { now: clock.now } })
    const first = await node.lists.sign(0)
    clock.advanceSeconds(TOKEN_AGE_SECONDS_MAX - 1)
    expect(await node.lists.sign(0)).toBe(first)
    clock.advanceSeconds(1)
    const second = claimsOf(await node.lists.sign(0))
    const { iat, exp, status_list: list } = claimsOf(first)
    expect(second).toMatchObject({ iat: iat + 900, exp: exp + 900, status_list: list })
  })

  test('is signed by the key that is active now', async () => {
    const [old, next] = [await createStatusKey(), await createStatusKey()]
    let active = old
    await using node = await startLists(database, { signer: () => active })
    const kidOf = async () => {
      const [header = ''] = ((await node.lists.sign(0)) ?? '').split('.')
      return (JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string }).kid
    }
    expect(await kidOf()).toBe(old.kid)
    active = next
    expect(await kidOf()).toBe(next.kid)
  })

  test('shows a change soon after its commit, by any process, asked or not', async () => {
    await using one = await startLists(database)
    await using two = await startLists(database)
    const warnings: unknown[] = []
    const log = { warn: (line: unknown) => void warnings.push(line) } as never
    const publishing = keepPublishing(one.lists, log)
    for (const { lists } of [one, two]) expect(await statusIn(lists, 0, 9)).toBe(valid)
    await change(database.db, [changeOf(0, 9, revoked)])
    for (const { lists } of [one, two]) {
      await waitFor(async () => (await statusIn(lists, 0, 9)) === revoked, { what: 'the change' })
    }
    await publishing.stop()
    expect(warnings).toEqual([])
  })

  test('says of its instant that nothing committed before it is missing', async () => {
    await using node = await startLists(database)
    await node.lists.sign(0)
    for (let index = 0; index < 20; index++) {
      await change(database.db, [changeOf(0, index, revoked)])
      const committed = Math.floor(Date.now() / 1000)
      const claims = claimsOf(await node.lists.sign(0))
      const isNewer = claims.iat > committed
      expect([isNewer, isNewer ? await statusAt(claims, index) : revoked]).toEqual([isNewer, revoked])
      await node.lists.publishDirty()
    }
  })

  test('is bounded in memory: a list that was dropped is read again when asked for', async () => {
    await using node = await startLists(database, { listsKeptMax: 1 })
    await node.lists.sign(0)
    await node.lists.sign(1)
    await change(database.db, [changeOf(0, 3, revoked), changeOf(1, 3, suspended)])
    expect(await node.lists.publishDirty()).toBe(1)
    expect([await statusIn(node.lists, 0, 3), await statusIn(node.lists, 1, 3)]).toEqual([revoked, suspended])
  })

  test('is read again where more changed at once than is followed', async () => {
    await using node = await startLists(database, { changesReadMax: 10 })
    await node.lists.sign(0)
    const many = Array.from({ length: 30 }, (_, index) => changeOf(0, index, revoked))
    await change(database.db, many)
    await node.lists.publishDirty()
    for (const index of [0, 29]) expect(await statusIn(node.lists, 0, index)).toBe(revoked)
  })

  test('is there the moment it is opened, and not before', async () => {
    await using node = await startLists(database)
    expect(await node.lists.sign(7)).toBeUndefined()
    await database.db
      .insertInto('status_list')
      .values({
        number: 7,
        level: 'instance',
        leased: 1,
        scramble_key: new Uint8Array(16),
        opened_at: new Date(),
      })
      .execute()
    expect(claimsOf(await node.lists.sign(7)).sub).toBe(statusListUri(7))
  })
})

describe('following changes', () => {
  test('never misses a transaction that began before others and commits last', async () => {
    await using node = await startLists(database)
    await node.lists.sign(0)
    const late = await begin(database.db)
    await setStatusMany(late.tx, systemAmbient(), [changeOf(0, 1, revoked)])
    for (let index = 10; index < 15; index++) {
      await change(database.db, [changeOf(0, index, revoked)])
      await node.lists.publishDirty()
    }
    expect(await statusIn(node.lists, 0, 1)).toBe(valid)
    await late.commit()
    expect(await node.lists.publishDirty()).toBe(1)
    expect(await statusIn(node.lists, 0, 1)).toBe(revoked)
  })

  test('a list first read while a change of it is under way gets the change when it commits', async () => {
    await using node = await startLists(database)
    await node.lists.sign(1)
    const late = await begin(database.db)
    await setStatusMany(late.tx, systemAmbient(), [changeOf(0, 1, revoked)])
    expect(await statusIn(node.lists, 0, 1)).toBe(valid)
    await late.commit()
    await node.lists.publishDirty()
    expect(await statusIn(node.lists, 0, 1)).toBe(revoked)
  })

  test('ends at the last word where many transactions change the same entries, in every process', async () => {
    await using one = await startLists(database)
    await using two = await startLists(database)
    for (const { lists } of [one, two]) await lists.sign(0)
    const values = [revoked, suspended, retired, valid] as const
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let round = 0; round < 25; round++) {
        const value = values[(round + writer) % values.length] ?? valid
        await change(database.db, [changeOf(0, 0, value), changeOf(0, 1 + ((round + writer) % 3), value)])
      }
    })
    const writing = new AbortController()
    const readers = [one, two].map(async ({ lists }) => {
      while (!writing.signal.aborted) {
        await lists.publishDirty()
        await lists.sign(0)
      }
    })
    await Promise.all(writers)
    writing.abort()
    await Promise.all(readers)
    const stored = await database.db
      .selectFrom('status_entry')
      .select(['index', 'status'])
      .where('list', '=', 0)
      .orderBy('index')
      .execute()
    for (const { lists } of [one, two]) {
      await lists.publishDirty()
      const read = await Promise.all(stored.map(({ index }) => statusIn(lists, 0, index)))
      expect(read).toEqual(stored.map(({ status }) => status))
    }
  })
})

describe('signing that is killed', () => {
  test.each(['status:read', 'status:packed', 'status:signed'])(
    'at %s loses nothing: the next try publishes what was committed, here and after a restart',
    async (step) => {
      let killAt: string | undefined
      const reached = (now: string) => {
        if (now !== killAt) return
        killAt = undefined
        throw new Error(`killed at ${now}`)
      }
      await using node = await startLists(database, { ambient: { reached } })
      await node.lists.sign(0)
      await change(database.db, [changeOf(0, 4, revoked)])
      killAt = step
      await expect(node.lists.publishDirty()).rejects.toThrow(`killed at ${step}`)
      expect(await node.lists.publishDirty()).toBe(1)
      expect(await statusIn(node.lists, 0, 4)).toBe(revoked)
      await using restarted = await startLists(database)
      expect(await statusIn(restarted.lists, 0, 4)).toBe(revoked)
    },
  )
})
