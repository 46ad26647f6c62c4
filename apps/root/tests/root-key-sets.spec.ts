import { readFileSync, renameSync, writeFileSync } from 'node:fs'

import { connect } from '@arc3088/db'
import {
  readLogEntry,
  rootKeySetHash,
  signRootKeySet,
  verifyRootKeySet,
  type RootKeySet,
  type RootKeySetJws,
  type Signer,
} from '@arc3088/records'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'

import type { RootTables } from '../src/db/tables.ts'
import { acceptKeySets } from '../src/keys/accept-key-sets.ts'
import { walkKeySets } from '../src/keys/root-key-sets.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { newSigner } from './test-applicant.ts'

let root: TestRoot
let first: RootKeySetJws
let b: Signer
let c: Signer
beforeEach(async () => {
  root = await startTestRoot()
  first = (JSON.parse(root.keySets) as RootKeySetJws[])[0] ?? { payload: '', signatures: [] }
  b = await newSigner()
  c = await newSigner()
})
afterEach(async () => {
  await root[Symbol.asyncDispose]()
})

/** Set 2 names three root keys of which two sign from then on. */
async function nextSet(
  change: Partial<RootKeySet> = {},
  signers: readonly Signer[] = [root.keys.signer('root'), b],
  before: RootKeySetJws = first,
): Promise<RootKeySetJws> {
  const previous = await verifyRootKeySet(before)
  if (previous.kind === 'rejected') throw new Error(previous.detail)
  return await signRootKeySet(signers, {
    ...previous.claims,
    seq: previous.claims.seq + 1,
    prev: await rootKeySetHash(before),
    threshold: 2,
    root_keys: [root.keys.signer('root'), b, c].map(({ publicJwk }) => publicJwk),
    ...change,
  })
}

function give(sets: readonly RootKeySetJws[]): void {
  writeFileSync(`${root.keySetsFile}.draft`, JSON.stringify(sets))
  renameSync(`${root.keySetsFile}.draft`, root.keySetsFile)
}

async function served(): Promise<RootKeySetJws[]> {
  const response = await root.get('/.well-known/agent-code-root-keys')
  expect(response.headers.get('content-type')).toBe('application/agent-code-root-keys+json')
  return (await response.json()) as RootKeySetJws[]
}

const refusals = () => root.logged.filter((line) => line.includes('key sets that were given are refused'))

/** Names of entries that wait for the log. */
async function waitingNames(): Promise<string[]> {
  const { rows } = await sql<{ entry: string }>`select unnest(entries) as entry from log_queue`.execute(
    root.database.db,
  )
  return rows.flatMap(({ entry }) => readLogEntry(entry)?.c ?? [])
}

/** How often the log names a key set, once nothing of it waits any more. */
async function timesLogged(set: RootKeySetJws): Promise<number> {
  const hash = await rootKeySetHash(set)
  await expect.poll(waitingNames).not.toContain(hash)
  const lines = async () => {
    const changes = await (await root.get('/v1/changes')).text()
    return changes.split('\n').filter((line) => line.includes(hash)).length
  }
  await expect.poll(lines).toBeGreaterThan(0)
  return await lines()
}

test('the next set in the file comes into force while the root runs, and is logged', async () => {
  const second = await nextSet()
  give([first, second])
  await expect.poll(served).toEqual([first, second])
  const third = await nextSet({}, [b, c], second)
  give([first, second, third])
  await expect.poll(async () => (await served()).length).toBe(3)
  expect([await timesLogged(second), await timesLogged(third)]).toEqual([1, 1])
})

test.each<[string, () => Promise<RootKeySetJws[]>, string]>([
  [
    'is signed by too few',
    async () => [first, await nextSet({}, [root.keys.signer('root')])],
    'threshold-not-met',
  ],
  ['leaves a number out', async () => [first, await nextSet({ seq: 3 })], 'succession-broken'],
  ['follows another set', async () => [first, await nextSet({ prev: 'x'.repeat(43) })], 'succession-broken'],
  ['is over', async () => [first, await nextSet({ nbf: 1_700_000_000, exp: 1_700_000_001 })], 'expired'],
  [
    'has not begun',
    async () => [first, await nextSet({ nbf: 2_000_000_000, exp: 2_000_000_001 })],
    'not-yet-valid',
  ],
  [
    'does not name the federation key in use',
    async () => [first, await nextSet({ keys: { federation: [(await newSigner()).publicJwk] } })],
    'does not name the federation key',
  ],
  ['is another first one', async () => [await nextSet({ seq: 1, prev: null })], 'is not the set 1'],
])('a set that %s is refused, and what was in force stays', async (_, sets, why) => {
  // The first set must be in force before it can be contradicted.
  await expect.poll(storedSeqs).toEqual([1])
  give(await sets())
  await expect.poll(() => refusals().join('\n')).toContain(why)
  expect(await served()).toEqual([first])
  expect(await storedSeqs()).toEqual([1])
})

async function storedSeqs(): Promise<number[]> {
  const rows = await root.database.db.selectFrom('root_key_set').select('seq').orderBy('seq').execute()
  return rows.map(({ seq }) => seq)
}

test('an older file takes nothing back, neither from a running root nor from one that is started with it', async () => {
  const second = await nextSet()
  give([first, second])
  await expect.poll(served).toEqual([first, second])
  give([first])
  await expect.poll(() => readFileSync(root.keySetsFile, 'utf8')).toBe(JSON.stringify([first]))
  expect(await served()).toEqual([first, second])
  await root.down()
  await root.up()
  expect(await served()).toEqual([first, second])
})

test('rows that no root key signed bring nothing into force, and keep nothing out of it', async () => {
  await expect.poll(storedSeqs).toEqual([1])
  const second = await nextSet()
  const forged = { ...(await nextSet({ threshold: 1 })), signatures: first.signatures }
  await root.database.db
    .insertInto('root_key_set')
    .values({
      seq: 2,
      hash: await rootKeySetHash(forged),
      jws: JSON.stringify(forged),
      accepted_at: new Date(),
    })
    .execute()
  await root.down()
  await root.up()
  expect(await served()).toEqual([first])
  give([first, second])
  await expect.poll(served).toEqual([first, second])
})

test('no row of a key set is ever changed or taken away', async () => {
  await expect.poll(storedSeqs).toEqual([1])
  const owner = connect<RootTables>({
    url: root.database.ownerUrl,
    max: 1,
    applicationName: 'owner',
    onIdleError: () => undefined,
  })
  try {
    const acts = [
      sql`update root_key_set set seq = 9`,
      sql`delete from root_key_set`,
      sql`truncate root_key_set`,
    ]
    for (const act of acts) await expect(act.execute(owner)).rejects.toThrow('what was written stays written')
  } finally {
    await owner.destroy()
  }
})

test('many processes that find the next set at once bring it into force and log it once', async () => {
  await expect.poll(storedSeqs).toEqual([1])
  const { db, ambient, entityId } = root.root.deps.node
  const second = await nextSet()
  const given = await walkKeySets([first, second], entityId)
  const accept = async () => await acceptKeySets({ db, ambient, entityId }, given)
  const outcomes = await Promise.all(Array.from({ length: 8 }, accept))
  expect(new Set(outcomes.map(({ newest }) => newest.seq))).toEqual(new Set([2]))
  expect(await storedSeqs()).toEqual([1, 2])
  expect(await timesLogged(second)).toBe(1)
})

test('a process that dies once the set is in force leaves it in force, and the others show it', async () => {
  await expect.poll(storedSeqs).toEqual([1])
  const { db, ambient, entityId } = root.root.deps.node
  const given = await walkKeySets([first, await nextSet()], entityId)
  const dying = {
    ...ambient,
    reached: (step: string) => {
      if (step === 'root-key-sets:accepted') throw new Error('killed')
    },
  }
  await expect(acceptKeySets({ db, ambient: dying, entityId }, given)).rejects.toThrow('killed')
  await expect.poll(async () => (await served()).length).toBe(2)
})
