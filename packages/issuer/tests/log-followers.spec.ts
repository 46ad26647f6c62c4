import { connect } from '@arc3088/db'
import type { Signer } from '@arc3088/records'
import type { KyselyPlugin } from 'kysely'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { IssuerTables } from '../src/db/tables.ts'
import { insertCheckpoint, readShownCheckpoints } from '../src/log/log-checkpoint.store.ts'
import {
  createEd25519Signer,
  createLogDatabase,
  openLogProcess,
  queueMany,
  type LogDatabase,
} from './test-log-process.ts'

let key: Signer
let database: LogDatabase
beforeAll(async () => {
  key = await createEd25519Signer()
})
beforeEach(async () => {
  database = await createLogDatabase()
})
afterEach(async () => {
  await database.drop()
})

describe('a process that does not lead', () => {
  test('has every tile of a checkpoint that another process has shown', async () => {
    await using leader = openLogProcess(database, { key })
    await using other = openLogProcess(database, { key })
    await queueMany(database, 'first', 10)
    await leader.log.drainNow()
    await other.log.head()
    await queueMany(database, 'second', 20, 20)
    await leader.log.drainNow()
    expect((await leader.log.head()).size).toBe(30)
    const tile = await other.log.tile({ level: 0, index: 0, width: 30 })
    expect(tile).toHaveLength(30 * 32)
    const bundle = await other.log.tile({ level: 'entries', index: 0, width: 30 })
    expect(bundle).toBeDefined()
    expect(await other.log.tile({ level: 0, index: 0, width: 31 })).toBeUndefined()
  })

  test('never takes a checkpoint for witnessed that is larger than the newest that it shows', async () => {
    const at = new Date('2026-11-22T09:00:00Z')
    const show = async (size: number): Promise<void> => {
      await insertWitnessed(size, at)
    }
    await show(10)
    let isShown = false
    const meanwhile: KyselyPlugin = {
      transformQuery: ({ node }) => node,
      async transformResult({ result }) {
        if (!isShown) {
          isShown = true
          await show(20)
        }
        return result
      },
    }
    // One connection, so that two statements would be one after the other.
    const db = connect<IssuerTables>({
      url: database.appUrl,
      max: 1,
      applicationName: 'follower',
      onIdleError: () => undefined,
    })
    try {
      const { published, witnessed } = await readShownCheckpoints(db.withPlugin(meanwhile))
      expect([published?.size, witnessed?.size]).toEqual([10, 10])
    } finally {
      await db.destroy()
    }
  })
})

async function insertWitnessed(size: number, at: Date): Promise<void> {
  await database.db.transaction().execute(async (tx) => {
    await insertCheckpoint(tx, { size, note: `p1.example/tlog\n${size}\n`, signedAt: at })
    await tx
      .updateTable('log_checkpoint')
      .set({ published_at: at, witnessed_at: at })
      .where('size', '=', size)
      .execute()
  })
}
