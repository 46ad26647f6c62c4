import { buildRequesterPrefix, asProviderNumber, asRequesterNumber, HOME_PREFIX } from '@arc3088/codec'
import { hiddenLogName } from '@arc3088/records'
import type { TestDatabase } from '@arc3088/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { createLogNamer, isPublicName, type IssuerTables } from '../src/index.ts'
import { insertLogKeys } from '../src/log/log-queue.store.ts'
import { createIssuerDatabase } from './test-issuer.ts'

let database: TestDatabase<IssuerTables>
beforeEach(async () => {
  database = await createIssuerDatabase()
})
afterEach(async () => {
  await database.drop()
})

const subject = buildRequesterPrefix({
  prefix: HOME_PREFIX,
  provider: asProviderNumber(1),
  requester: asRequesterNumber(42),
})
const hidden = [{ subject, isPublic: false }]
const keyOf = (byte: number) => new Uint8Array(32).fill(byte)

test.each([
  ['provider', {}, true],
  ['requester', { requesterKind: 'organization' }, true],
  ['requester', { requesterKind: 'natural-person' }, false],
  ['requester', {}, false],
  ['ontology', { isDiscoverable: true }, true],
  ['ontology', { requesterKind: 'organization' }, false],
  ['instance', { requesterKind: 'organization', isDiscoverable: true }, false],
] as const)('the log shows a code of level %s, of which is known %o: %s', (level, disclosure, isShown) => {
  expect(isPublicName(level, disclosure)).toBe(isShown)
})

test('a hidden name is the one that records make, and a public one is the code', async () => {
  await database.db.transaction().execute((tx) => insertLogKeys(tx, [{ requester: 42, key: keyOf(1) }]))
  const names = await createLogNamer().namesOf(database.db, [...hidden, { subject, isPublic: true }])
  expect(names).toEqual([await hiddenLogName(keyOf(1), subject.text), subject.text])
})

test('a hidden code of a requester without a key has no name', async () => {
  await expect(createLogNamer().namesOf(database.db, hidden)).rejects.toThrow('has no log key')
})

test('a key of a transaction that failed is forgotten with it', async () => {
  const namer = createLogNamer()
  const failed = database.db.transaction().execute(async (tx) => {
    await insertLogKeys(tx, [{ requester: 42, key: keyOf(1) }])
    expect(await namer.namesOf(tx, hidden)).toEqual([await hiddenLogName(keyOf(1), subject.text)])
    throw new Error('the requester was not assigned')
  })
  await expect(failed).rejects.toThrow('was not assigned')
  await database.db.transaction().execute((tx) => insertLogKeys(tx, [{ requester: 42, key: keyOf(2) }]))
  expect(await namer.namesOf(database.db, hidden)).toEqual([await hiddenLogName(keyOf(2), subject.text)])
})

test('a key that is committed is read once', async () => {
  const namer = createLogNamer()
  await database.db.transaction().execute((tx) => insertLogKeys(tx, [{ requester: 42, key: keyOf(1) }]))
  const [name] = await namer.namesOf(database.db, hidden)
  await database.drop()
  expect(await namer.namesOf(database.db, hidden)).toEqual([name])
})
