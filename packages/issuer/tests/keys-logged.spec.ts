import {
  decodeBase64url,
  historicalKeyFault,
  readLogEntry,
  toNumericDate,
  verifyKeyHistory,
  type NodeKeyPurpose,
} from '@arc3088/records'
import { systemAmbient } from '@arc3088/service'
import { waitFor } from '@arc3088/testkit'
import { hashLeaf, parseVkey, verifyTlogProof } from '@arc3088/tlog'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { activateKey } from '../src/keys/activate-key.ts'
import { announceKey } from '../src/keys/announce-key.ts'
import { createKeyHistory } from '../src/keys/key-history.ts'
import { readOwnEndorsement } from '../src/keys/key.store.ts'
import type { LiveKeyRing } from '../src/keys/open-key-ring.ts'
import { retireKey } from '../src/keys/retire-key.ts'
import { openStoredKeyLog } from '../src/keys/stored-key-log.ts'
import { queueEntries } from '../src/log/log-queue.store.ts'
import { ACTOR, createKeysNode, type KeysNode } from './keys-node.ts'
import {
  createTestWitness,
  entryOf,
  expectProven,
  openLogProcess,
  recordHashOf,
  TEST_ORIGIN,
  witnessedBy,
  type LogProcess,
  type TestWitness,
} from './test-log-process.ts'

let node: KeysNode
let ring: LiveKeyRing
let witness: TestWitness
let leader: LogProcess
let isWitnessUp = true

/** The real log of a node, signed by the key of its ring, and one witness. */
beforeAll(async () => {
  node = await createKeysNode()
  ring = await node.open()
  witness = await createTestWitness('w1.example', node.keys.signer('tlog'))
  const parts = witnessedBy([witness], 1)
  leader = openLogProcess(node.database, {
    key: node.keys.signer('tlog'),
    signer: () => ring.active('tlog'),
    ...parts,
    askWitness: (address, request) =>
      isWitnessUp
        ? parts.askWitness(address, request)
        : Promise.resolve({ kind: 'unreachable', detail: 'down' }),
  })
  leader.log.start()
})
afterAll(async () => {
  await leader[Symbol.asyncDispose]()
  await node[Symbol.asyncDispose]()
})

/** As a command beside the running node reads the log. */
const commandLog = () => openStoredKeyLog(node.database.db, 1)

async function assign(name: string): Promise<void> {
  await node.database.db
    .transaction()
    .execute((tx) => queueEntries(tx, [entryOf(name)], systemAmbient().now()))
  await leader.log.drainNow()
}

async function witnessed(): Promise<void> {
  await leader.log.drainNow()
  const isWitnessed = async () => {
    const { size, witnessed: seen } = await leader.log.head()
    return seen?.size === size
  }
  await waitFor(isWitnessed, { what: 'the witness' })
}

/** Announces, logs and activates the next key of a purpose; answers the kid of the one before. */
async function changeOver(purpose: NodeKeyPurpose): Promise<string> {
  const before = ring.active(purpose).kid
  const { key } = await announceKey(node.parts(), purpose, ACTOR)
  await witnessed()
  await activateKey(node.parts(), commandLog(), { kid: key.kid, overlapSeconds: 0, ...ACTOR })
  await ring.refresh()
  return before
}

test('an activation waits for the witnessed proof of the announcement, which anybody can check', async () => {
  isWitnessUp = false
  const { key } = await announceKey(node.parts(), 'status', ACTOR)
  await leader.log.drainNow()
  const activate = () =>
    activateKey(node.parts(), commandLog(), { kid: key.kid, overlapSeconds: 0, ...ACTOR })
  await expect(activate()).rejects.toMatchObject({ code: 'key-not-endorsed' })
  isWitnessUp = true
  await witnessed()
  expect((await activate()).state).toBe('active')
  const announcement = await readOwnEndorsement(node.database.db, { kid: key.kid, event: 'announce' })
  const hash = decodeBase64url(announcement?.hash ?? '') ?? new Uint8Array()
  const proof = (await leader.log.proofOf(hash, { type: 'endorse' })) ?? ''
  const { size } = await leader.log.head()
  const entry = (await leader.log.entries(0, size)).find(
    (text) => readLogEntry(text)?.h === announcement?.hash,
  )
  const keys = [leader.log.vkey, witness.address.vkey].map((vkey) => parseVkey(vkey))
  const [logKey, witnessKey] = keys.filter((each) => each !== undefined)
  const verdict =
    logKey !== undefined && witnessKey !== undefined
      ? await verifyTlogProof({
          proofText: proof,
          leaf: hashLeaf(new TextEncoder().encode(entry)),
          origin: TEST_ORIGIN,
          logKeys: [logKey],
          policy: { witnesses: [witnessKey], quorum: 1 },
        })
      : undefined
  expect(verdict?.kind).toBe('witnessed')
})

test('a retired key keeps what was witnessed within its life, against a checkpoint that is kept for ever', async () => {
  await assign('old')
  const before = await changeOver('issuing')
  await assign('new')
  await witnessed()
  const request = { kid: before, settleSeconds: 0, ...ACTOR }
  const retired = await retireKey(node.parts(), commandLog(), request)
  const size = retired.finalCheckpointSize ?? 0
  const kept = await node.database.db
    .selectFrom('log_checkpoint')
    .select(['kept', 'witnessed_at'])
    .where('size', '=', size)
    .executeTakeFirstOrThrow()
  expect(kept.kept).toBe(true)
  const proof = await leader.log.proofOf(recordHashOf('old'), { against: size })
  await expectProven(leader.log, 'old', {
    ...(proof === undefined ? {} : { proof }),
    witnesses: [witness.address.vkey],
  })

  const readHistory = createKeyHistory(() => ({
    db: node.database.db,
    ambient: systemAmbient(),
    entityId: 'https://p1.example',
    keys: ring,
  }))
  const verified = await verifyKeyHistory(await readHistory(), ring.published('federation'))
  const keys = verified.kind === 'verified' ? verified.claims.keys : []
  expect(keys.map(({ kid, purpose }) => `${purpose} ${kid}`)).toEqual([`issuing ${before}`])
  const [entry = { exp: 0 }] = keys
  const witnessedAt = toNumericDate(kept.witnessed_at ?? new Date(0))
  expect([historicalKeyFault(entry, witnessedAt), historicalKeyFault(entry, witnessedAt + 2)]).toEqual([
    undefined,
    'signed-after-retirement',
  ])
})

test('a retirement is refused while the witness is silent', async () => {
  const before = await changeOver('issuing')
  isWitnessUp = false
  await assign('unseen')
  const request = { kid: before, settleSeconds: 0, waitSeconds: 0, ...ACTOR }
  await expect(retireKey(node.parts(), commandLog(), request)).rejects.toMatchObject({
    code: 'key-too-early',
  })
  isWitnessUp = true
  await witnessed()
  expect((await retireKey(node.parts(), commandLog(), request)).state).toBe('retired')
})

test('every step of every key stands in the log once', async () => {
  await witnessed()
  const documents = await node.database.db.selectFrom('key_endorsement').select('hash').execute()
  const { size } = await leader.log.head()
  const entries = (await leader.log.entries(0, size)).map((text) => readLogEntry(text))
  const logged = entries.flatMap((entry) => (entry?.t === 'endorse' ? [entry.h] : []))
  expect(new Set(logged).size).toBe(logged.length)
  expect(new Set(logged)).toEqual(
    new Set(documents.map(({ hash }) => Buffer.from(hash).toString('base64url'))),
  )
})
