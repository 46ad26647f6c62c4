import { waitFor } from '@arc3088/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { readWord, saveWord } from '../src/appointment/appointment.store.ts'
import { verifiedRequester } from './requester-acts.ts'
import { startRootProcess, type RootProcess } from './start-root-process.ts'
import { startTestProvider } from './start-test-provider.ts'

let root: RootProcess
beforeAll(async () => {
  root = await startRootProcess()
})
afterAll(async () => {
  await root[Symbol.asyncDispose]()
})

/** A word that nothing verifies. */
const UNBELIEVED = {
  record: '',
  own_configuration: '',
  statement: '',
  root_configuration: '',
  root_keys: [],
  status_list_tokens: [],
}

test('takes no other code than the first one stored, in the database or after a start with a word that does not verify', async () => {
  await using provider = await startTestProvider(root)
  const { db } = provider.database
  const verifiedAt = new Date('2026-11-22T00:00:00Z')
  const stored = { code: '1.2.156.3088.1.9', word: UNBELIEVED, verifiedAt }
  await saveWord(db, stored)
  const other = { ...stored, code: '1.2.156.3088.1.8', verifiedAt: new Date() }
  await expect(saveWord(db, other)).rejects.toThrow('for ever')
  expect(await readWord(db)).toEqual(stored)

  await provider.restart()
  await provider.applyAndBeAssigned('7')
  const refusal = 'The root now names 1.2.156.3088.1.7, and this node is 1.2.156.3088.1.9 for ever'
  await waitFor(() => provider.logged.join('\n').includes(refusal), { what: 'the refusal' })
  expect(provider.logged.join('\n')).toContain('the stored word of the root does not verify')
  expect((await provider.anyone.get('/readyz')).status).toBe(503)
  const answer = await provider.anyone.get('/v1/codes/1.2.156.3088.1.7.34C2')
  expect(answer.body['code']).toBe('awaiting-assignment')
  expect(await readWord(db)).toEqual(stored)
})

test('mends a stored word that does not verify with a good one that names the same code', async () => {
  await using provider = await startTestProvider(root)
  await provider.appoint('6')
  const evidence = JSON.stringify(UNBELIEVED)
  await provider.database.db.updateTable('appointment').set({ evidence }).execute()
  await provider.restart()
  await waitFor(async () => (await provider.anyone.get('/readyz')).status === 200, { what: 'the good word' })
  expect((await verifiedRequester(provider)).code).toMatch(/^1\.2\.156\.3088\.1\.6\./)
})
