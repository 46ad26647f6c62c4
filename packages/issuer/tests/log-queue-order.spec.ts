import type { KyselyPlugin, QueryResult, UnknownRow } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { takeQueuedEntries } from '../src/log/log-drain.store.ts'
import { queueEntries } from '../src/log/log-queue.store.ts'
import {
  createLogDatabase,
  entryOf,
  queue,
  queueMany,
  recordHashOf,
  type LogDatabase,
} from './test-log-process.ts'

let database: LogDatabase
beforeEach(async () => {
  database = await createLogDatabase()
})
afterEach(async () => {
  await database.drop()
})

/** Does something once, between the first rows that a drain reads and the next. */
function afterFirstRows(act: () => Promise<void>): KyselyPlugin {
  let isDone = false
  return {
    transformQuery: ({ node }) => node,
    async transformResult({ result }): Promise<QueryResult<UnknownRow>> {
      if (!isDone && result.rows.some((row) => 'lines' in row)) {
        isDone = true
        await act()
      }
      return result
    },
  }
}

describe('the queue of the log', () => {
  test('an effect is never taken without its cause, though both commit while the queue is being read', async () => {
    const late = await database.db.startTransaction().execute()
    await queueEntries(late, [entryOf('cause')], new Date('2026-11-22T09:00:00Z'))
    // As many rows as are read at once, so that there is a second read.
    await queueMany(database, 'other', 64)
    const drained = await database.db
      .withPlugin(
        afterFirstRows(async () => {
          await late.commit().execute()
          await queue(database, ['effect'])
        }),
      )
      .transaction()
      .execute((tx) => takeQueuedEntries(tx, 1000))
    expect(drained.entries).toHaveLength(64)
    const next = await database.db.transaction().execute((tx) => takeQueuedEntries(tx, 1000))
    const hashes = next.entries.filter((entry) => !drained.entries.includes(entry))
    expect(hashes.map((entry) => (JSON.parse(entry) as { h: string }).h)).toEqual(
      ['cause', 'effect'].map((name) => recordHashOf(name).toString('base64url')),
    )
  })
})
