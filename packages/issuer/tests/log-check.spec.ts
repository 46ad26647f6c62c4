import { connect } from '@arc3088/db'
import type { Signer } from '@arc3088/records'
import { parseVkey } from '@arc3088/tlog'
import { sql } from 'kysely'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { IssuerTables } from '../src/db/tables.ts'
import { verifyStoredTree, verifyWholeTree } from '../src/log/check-tree.ts'
import {
  createEd25519Signer,
  createLogDatabase,
  openLogProcess,
  queue,
  queueMany,
  TEST_ORIGIN,
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

/** What only somebody with the owner's rights, a broken disk or a careless restore can do. */
async function harm(statement: string): Promise<void> {
  const owner = connect<IssuerTables>({
    url: database.ownerUrl,
    max: 1,
    applicationName: 'harm',
    onIdleError: () => undefined,
  })
  const tables = ['log_state', 'log_tile', 'log_position', 'log_checkpoint']
  try {
    for (const table of tables) await sql.raw(`alter table ${table} disable trigger user`).execute(owner)
    await sql.raw(statement).execute(owner)
    for (const table of tables) await sql.raw(`alter table ${table} enable trigger user`).execute(owner)
  } finally {
    await owner.destroy()
  }
}

const check = { origin: TEST_ORIGIN }

describe('the check of the stored tree', () => {
  test('finds a log that nobody has led yet sound', async () => {
    expect(await verifyStoredTree(database.db, check)).toMatchObject({ kind: 'sound', size: 0 })
    expect(await verifyWholeTree(database.db, check)).toMatchObject({ kind: 'sound', size: 0 })
  })

  test('finds a log that grew in many steps sound, and signed by its key', async () => {
    await using process = openLogProcess(database, { key })
    for (const count of [1, 255, 256, 257, 3, 1000]) {
      await queueMany(database, `of-${count}`, count, 100)
      await process.log.drainNow()
    }
    const own = parseVkey(process.log.vkey)
    const logKeys = own === undefined ? [] : [own]
    expect(await verifyWholeTree(database.db, { ...check, logKeys })).toMatchObject({
      kind: 'sound',
      size: 1772,
    })
    const strange = openLogProcess(database, { key: await createEd25519Signer() })
    const other = parseVkey(strange.log.vkey)
    expect(
      await verifyStoredTree(database.db, { ...check, logKeys: other === undefined ? [] : [other] }),
    ).toEqual({
      kind: 'contradiction',
      detail: 'no key of the log signed its newest checkpoint',
    })
    await strange[Symbol.asyncDispose]()
  })

  test.each([
    ['the root', 'update log_state set root = sha256(root)', 'do not hash to the stored root'],
    ['the size', 'update log_state set size = size - 1', 'a log of 699 has a tile'],
    [
      'a hash of the right edge',
      'update log_tile set data = set_byte(data, 0, 255 - get_byte(data, 0)) where level = 0 and index = 2',
      'do not hash',
    ],
    ['a tile of the right edge', 'delete from log_tile where level = 1', 'stored is one of 0'],
    [
      'the newest checkpoint',
      'delete from log_checkpoint where size = 700',
      'the newest checkpoint is of 500 entries',
    ],
    ['every checkpoint', 'delete from log_checkpoint', 'no checkpoint that can be read'],
    ['the origin', "update log_state set origin = 'x/tlog'", 'the stored log is x/tlog'],
  ])('notices at every start that %s was changed', async (_, statement, words) => {
    {
      await using process = openLogProcess(database, { key })
      await queueMany(database, 'first', 500, 100)
      await process.log.drainNow()
      await queueMany(database, 'second', 200, 100)
      await process.log.drainNow()
    }
    await harm(statement)
    const verdict = await verifyStoredTree(database.db, check)
    expect(verdict).toMatchObject({ kind: 'contradiction', detail: expect.stringContaining(words) })
    expect((await verifyWholeTree(database.db, check)).kind).toBe('contradiction')
  })

  test('a leader that finds the stored tiles wrong appends nothing and says so', async () => {
    {
      await using process = openLogProcess(database, { key })
      await queueMany(database, 'first', 500, 100)
      await process.log.drainNow()
    }
    await harm(
      'update log_tile set data = set_byte(data, 0, 255 - get_byte(data, 0)) where level = 0 and index = 1',
    )
    await using process = openLogProcess(database, { key })
    await queue(database, ['next'])
    process.log.start()
    await expect.poll(() => process.contradictions).toHaveLength(1)
    expect(await database.db.selectFrom('log_queue').select('id').execute()).toHaveLength(1)
  })

  test.each([
    [
      'an entry',
      'update log_tile set data = set_byte(data, 9, 255 - get_byte(data, 9)) where level = -1 and index = 0',
      'not what the entries hash to',
    ],
    [
      'a full tile',
      'update log_tile set data = set_byte(data, 9, 255 - get_byte(data, 9)) where level = 0 and index = 0',
      'not what the entries hash to',
    ],
    ['a missing tile', 'delete from log_tile where level = 0 and index = 0', 'not what the entries hash to'],
    ['a missing bundle', 'delete from log_tile where level = -1 and index = 0', 'does not have 256 entries'],
    [
      'a tile too many',
      "insert into log_tile values (0, 9, 1, decode(repeat('00', 32), 'hex'))",
      'stored are',
    ],
    ['a missing position', 'delete from log_position where position = 3', '499 have a position'],
  ])('notices %s far from the right edge when everything is read', async (_, statement, words) => {
    {
      await using process = openLogProcess(database, { key })
      await queueMany(database, 'first', 500, 100)
      await process.log.drainNow()
    }
    await harm(statement)
    expect(await verifyStoredTree(database.db, check)).toMatchObject({ kind: 'sound' })
    expect(await verifyWholeTree(database.db, check)).toMatchObject({
      kind: 'contradiction',
      detail: expect.stringContaining(words),
    })
  })
})
