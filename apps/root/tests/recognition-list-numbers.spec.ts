import { connect } from '@arc3088/db'
import { readRecognitionList } from '@arc3088/records'
import { sql } from 'kysely'
import { expect, test } from 'vitest'

import type { RootTables } from '../src/db/tables.ts'
import { issueRecognitionList } from '../src/recognition/recognition-lists.ts'
import { agree, listOf, startPair, stateOf } from './agreement-roots.ts'
import type { TestRoot } from './start-test-root.ts'

/** A connection within the rights of the service's own role, or of the owner of its tables. */
function forger(root: TestRoot, url = root.database.appUrl) {
  return connect<RootTables>({ url, max: 1, applicationName: 'forger', onIdleError: () => undefined })
}

async function forgeLists(root: TestRoot, numbers: readonly number[]): Promise<void> {
  const db = forger(root)
  const rows = numbers.map((seq) => ({
    seq,
    content: 'x',
    hash: 'x',
    jws: 'a.b.c',
    issued_at: new Date(),
  }))
  await db.insertInto('recognition_list').values(rows).execute()
  await db.destroy()
}

/** Takes away what a backup from before would not have. */
async function forgetLists(root: TestRoot, after: number): Promise<void> {
  const db = forger(root, root.database.ownerUrl)
  await sql`alter table recognition_list disable trigger user`.execute(db)
  await db.deleteFrom('recognition_list').where('seq', '>', after).execute()
  await sql`alter table recognition_list enable trigger user`.execute(db)
  await db.destroy()
}

test('the number of a list never goes back, nor runs out, whatever rows are written', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const { jti } = await agree([home, overseas])
  await listOf(home)
  await home.act('agreement:suspend', { jti, reason: 'checking' })
  const before = await listOf(home)
  expect(before.seq).toBeGreaterThan(1)
  await forgeLists(home, [...Array.from({ length: 40 }, (_, nth) => 900_000 + nth), 2_147_483_647])
  expect(await listOf(home)).toEqual(before)
  await home.act('agreement:resume', { jti, reason: 'checked' })
  const after = await listOf(home)
  expect([after.seq, after.entries[0]?.state]).toEqual([before.seq + 1, 'in-force'])
  // A number stands for one content: its row is there for ever, and what is signed again beside it counts by its signature.
  const db = forger(home)
  for (const change of [{ jws: 'a.b.c' }, { hash: 'x' }, { issued_at: new Date(0) }])
    await expect(
      db
        .updateTable('recognition_list')
        .set(change as never)
        .where('seq', '=', after.seq)
        .execute(),
    ).rejects.toThrow('permission denied')
  await expect(db.deleteFrom('recognition_list').execute()).rejects.toThrow('permission denied')
  const owner = forger(home, home.database.ownerUrl)
  await expect(owner.deleteFrom('recognition_list').execute()).rejects.toThrow('stays written')
  await owner.destroy()
  const older = await home.database.db
    .selectFrom('recognition_list')
    .select('jws')
    .where('seq', '=', before.seq)
    .executeTakeFirstOrThrow()
  for (const jws of ['a.b.c', older.jws]) {
    await db
      .insertInto('recognition_list_issue')
      .values({ seq: after.seq, jws, issued_at: new Date() })
      .onConflict((conflict) => conflict.column('seq').doUpdateSet({ jws }))
      .execute()
    expect(await listOf(home)).toMatchObject({ seq: after.seq, entries: [{ state: 'in-force' }] })
  }
  await db.destroy()
})

test('a process that read before a suspension does not sign the list from before it', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const { jti } = await agree([home, overseas])
  await listOf(home)
  const { deps } = home.root
  const read = Promise.withResolvers<undefined>()
  const goOn = Promise.withResolvers<undefined>()
  // Another process of the node, which is held up after it has read the agreements.
  const slow = issueRecognitionList({
    ...deps,
    agreements: {
      ...deps.agreements,
      async all() {
        const all = await deps.agreements.all()
        read.resolve(undefined)
        await goOn.promise
        return all
      },
    },
  })
  await read.promise
  await home.act('agreement:suspend', { jti, reason: 'checking' })
  expect(await stateOf(home, overseas)).toBe('suspended')
  const { seq } = await listOf(home)
  goOn.resolve(undefined)
  const late = readRecognitionList(await slow)
  if (late.kind === 'rejected') throw new Error(late.detail)
  expect([late.claims.seq, late.claims.entries[0]?.state]).toEqual([seq, 'suspended'])
  expect((await listOf(home)).seq).toBe(seq)
})

test('a list that is signed again keeps its number, and the next one names its first issue', async () => {
  let aheadSeconds = 0
  const now = () => new Date(Date.now() + aheadSeconds * 1000)
  await using pair = await startPair({ home: { now } })
  const { home, overseas } = pair
  const { jti } = await agree([home, overseas])
  const first = await listOf(home)
  aheadSeconds = 61
  const again = await listOf(home)
  expect([again.seq, again.prev, again.entries]).toEqual([first.seq, first.prev, first.entries])
  expect(again.iat).toBeGreaterThan(first.iat)
  const { hash } = await home.database.db
    .selectFrom('recognition_list')
    .select('hash')
    .where('seq', '=', first.seq)
    .executeTakeFirstOrThrow()
  await home.act('agreement:suspend', { jti, reason: 'checking' })
  expect(await listOf(home)).toMatchObject({ seq: first.seq + 1, prev: hash })
})

test('a number that was shown does not come again, whatever backup the database is put back to', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const { jti } = await agree([home, overseas])
  const early = await listOf(home)
  await home.act('agreement:suspend', { jti, reason: 'checking' })
  const shownLast = await listOf(home)
  expect(shownLast.seq).toBeGreaterThan(early.seq)
  await home.down()
  // As a backup from before the suspension would have it.
  await forgetLists(home, early.seq)
  await home.up()
  const next = await listOf(home)
  expect(next.seq).toBe(shownLast.seq + 1)
  expect(next.prev).not.toBeNull()
  await home.down()
  await forgetLists(home, 0)
  await home.up()
  expect((await listOf(home)).seq).toBe(next.seq + 1)
})

test('a process that dies between a list and its mark in the journal shows it only when it is marked', async () => {
  let dies = false
  const reached = (step: string): void => {
    if (dies && step === 'recognition-list:committed') {
      dies = false
      throw new Error('died')
    }
  }
  await using pair = await startPair({ home: { reached } })
  const { home, overseas } = pair
  const { jti } = await agree([home, overseas])
  const before = await listOf(home)
  await home.act('agreement:suspend', { jti, reason: 'checking' })
  dies = true
  expect((await home.get('/v1/recognition-list')).status).toBe(500)
  expect(home.root.deps.node.issues.highest('recognition-list')?.seq).toBe(before.seq)
  expect((await listOf(home)).seq).toBe(before.seq + 1)
  expect(home.root.deps.node.issues.highest('recognition-list')?.seq).toBe(before.seq + 1)
})
