import { connect } from '@arc3088/db'
import { readRecognitionList } from '@arc3088/records'
import { expect, test } from 'vitest'

import type { RootTables } from '../src/db/tables.ts'
import { issueRecognitionList } from '../src/recognition/recognition-lists.ts'
import { agree, listOf, startPair, stateOf } from './agreement-roots.ts'
import type { TestRoot } from './start-test-root.ts'

/** A connection within the rights of the service's own role. */
function forger(root: TestRoot) {
  const { appUrl: url } = root.database
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
  // Of a list whose row was spoilt the number is not given again.
  const db = forger(home)
  await db.updateTable('recognition_list').set({ jws: 'a.b.c' }).where('seq', '=', after.seq).execute()
  await db.destroy()
  expect((await listOf(home)).seq).toBe(after.seq + 1)
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
