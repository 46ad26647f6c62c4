import {
  activateKey,
  announceKey,
  compromiseKey,
  createFileKeyDriver,
  insertEndorsement,
  issuerTables,
  readConfirmation,
  readKeys,
  readUnconfirmed,
  retireKey,
  type KeyParts,
  type NodeKey,
} from '@arc3088/issuer'
import {
  readAssignmentRecord,
  readSubordinateStatement,
  recordHash,
  signKeyEndorsement,
  verifyKeyHistory,
  type NodeKeyPurpose,
} from '@arc3088/records'
import { systemAmbient } from '@arc3088/service'
import { waitFor } from '@arc3088/testkit'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { verifiedRequester } from './requester-acts.ts'
import { startRootProcess, type RootProcess } from './start-root-process.ts'
import { startTestProvider, type TestProvider } from './start-test-provider.ts'

const ACTOR = { actor: 'tester', reason: 'yearly' }

let root: RootProcess
let provider: TestProvider
let deaths = 0

/** A provider whose first answer of the root is lost on the way, as a crash would lose it. */
beforeAll(async () => {
  root = await startRootProcess({ logQuorum: 1 })
  provider = await startTestProvider(root, {
    reached(step) {
      if (step === 'keys:answered' && deaths++ === 0) throw new Error('killed at keys:answered')
    },
  })
  await provider.appoint('7')
})
afterAll(async () => {
  await provider[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

const db = () => issuerTables(provider.database.db)
const node = () => provider.running().deps.node

/** As the commands of the node act, beside it. */
function parts(): KeyParts {
  const { randomBytes } = systemAmbient()
  const driver = createFileKeyDriver({ directory: provider.keysDirectory }, randomBytes)
  return {
    db: db(),
    ambient: systemAmbient(),
    entityId: provider.url,
    drivers: new Map([[driver.scheme, driver]]),
    driver,
    endorsedBy: 'root',
  }
}

async function keyOf(kid: string): Promise<NodeKey> {
  const key = (await readKeys(db())).find((each) => each.kid === kid)
  if (key === undefined) throw new Error(`there is no key ${kid}`)
  return key
}

async function endorsed(kid: string): Promise<void> {
  await waitFor(async () => (await keyOf(kid)).endorsedAt !== null, {
    what: 'the root’s endorsement',
  })
}

async function allConfirmed(): Promise<void> {
  const isDone = async () => (await readUnconfirmed(db(), provider.url, 1)).length === 0
  await waitFor(isDone, { what: 'the root to confirm every change' })
}

/** Activates as soon as the log of this node and the root allow it. */
async function activate(kid: string): Promise<void> {
  const attempt = async () =>
    await activateKey(parts(), node().tlog, { kid, overlapSeconds: 0, ...ACTOR }).then(
      () => true,
      () => false,
    )
  await waitFor(attempt, { what: 'the activation' })
}

async function changeOver(purpose: NodeKeyPurpose): Promise<{ before: string; after: string }> {
  const before = node().keys.active(purpose).kid
  const { key } = await announceKey(parts(), purpose, ACTOR)
  await endorsed(key.kid)
  await activate(key.kid)
  await waitFor(() => Promise.resolve(node().keys.active(purpose).kid === key.kid), {
    what: 'the running node to change over',
  })
  return { before, after: key.kid }
}

async function statedKids(): Promise<string[]> {
  const response = await fetch(`${root.url}/federation/fetch?sub=${encodeURIComponent(provider.url)}`)
  const read = readSubordinateStatement(await response.text())
  return read.kind === 'read' ? read.claims.jwks.keys.map(({ kid }) => kid) : []
}

test('the root confirms the first keys of a provider once, also when its answer is lost on the way', async () => {
  await allConfirmed()
  expect(deaths).toBeGreaterThan(1)
  const { rows } = await sql<{ purpose: string; state: string }>`
    select purpose, state from provider_key order by purpose`.execute(root.database.db)
  expect(rows.map(({ purpose, state }) => `${purpose} ${state}`)).toEqual([
    'federation active',
    'issuing active',
    'status active',
    'tlog active',
  ])
  for (const { kid } of await readKeys(db())) {
    const own = await db().selectFrom('key_endorsement').select('hash').where('kid', '=', kid).execute()
    expect(own).toHaveLength(2)
  }
})

test('an issuing key is changed over while the node runs, and the one before leaves with a witnessed end', async () => {
  const { before, after } = await changeOver('issuing')
  const { code } = await verifiedRequester(provider)
  const accept = 'application/agent-code-assignment+jwt'
  const read = readAssignmentRecord((await provider.anyone.get(`/v1/codes/${code}`, { accept })).text)
  expect(read).toMatchObject({ kind: 'read', kid: after })
  expect(
    node()
      .keys.published('issuing')
      .map(({ kid }) => kid),
  ).toEqual([after, before])

  await node().tlog.drainNow()
  const request = { kid: before, settleSeconds: 0, ...ACTOR }
  const retired = await retireKey(parts(), node().tlog, request)
  expect(retired.finalCheckpointSize).toBeGreaterThan(0)
  const response = await fetch(`${provider.url}/federation/historical-keys`)
  const history = await verifyKeyHistory(await response.text(), node().keys.published('federation'))
  expect(history).toMatchObject({
    claims: { iss: provider.url, keys: [{ kid: before, purpose: 'issuing' }] },
  })
  await allConfirmed()
  const { rows } = await sql<{ kid: string; state: string }>`
    select kid, state from provider_key where purpose = 'issuing' order by state`.execute(root.database.db)
  expect(rows).toEqual([
    { kid: after, state: 'active' },
    { kid: before, state: 'retired' },
  ])
})

test('a federation key stands in the root’s statement before it signs, and the old one leaves it', async () => {
  const before = node().keys.active('federation').kid
  const { key } = await announceKey(parts(), 'federation', ACTOR)
  await endorsed(key.kid)
  expect(await statedKids()).toEqual([before, key.kid])
  await activate(key.kid)
  await node().keys.refresh()
  await allConfirmed()
  await node().tlog.drainNow()
  await retireKey(parts(), node().tlog, { kid: before, settleSeconds: 0, ...ACTOR })
  await allConfirmed()
  expect(await statedKids()).toEqual([key.kid])
})

test('a compromised key is out at once, and the root hears of it from the key that waits', async () => {
  const before = node().keys.active('status').kid
  await compromiseKey(parts(), { kid: before, since: new Date(Date.now() - 60_000), ...ACTOR })
  await node().keys.refresh()
  const [successor] = node().keys.published('status')
  await endorsed(successor?.kid ?? '')
  await activate(successor?.kid ?? '')
  await allConfirmed()
  const { rows } = await sql<{ state: string }>`
    select state from provider_key where kid = ${before}`.execute(root.database.db)
  expect(rows).toEqual([{ state: 'compromised' }])
})

test('while the root is down no key comes into use; when it is back, all goes on', async () => {
  await root.stop()
  const { key } = await announceKey(parts(), 'issuing', ACTOR)
  await expect(
    activateKey(parts(), node().tlog, { kid: key.kid, overlapSeconds: 0, ...ACTOR }),
  ).rejects.toMatchObject({ code: 'key-not-endorsed' })
  await root.start()
  await endorsed(key.kid)
  await activate(key.kid)
  const own = await db()
    .selectFrom('key_endorsement')
    .select('hash')
    .where('kid', '=', key.kid)
    .where('event', '=', 'announce')
    .where('endorses', 'is', null)
    .executeTakeFirstOrThrow()
  const confirmation = await readConfirmation(db(), Buffer.from(own.hash).toString('base64url'))
  expect(confirmation?.issuer).toBe(root.url)
})

test('a step that the root refuses holds up no other key', async () => {
  const { keys } = node()
  const jws = await signKeyEndorsement(keys.active('federation'), {
    iss: provider.url,
    sub: provider.url,
    iat: 1_790_000_000,
    jti: systemAmbient().newId(),
    event: 'retire',
    purpose: 'tlog',
    key: keys.active('tlog').publicJwk,
    exp: 1_790_000_000,
  })
  await insertEndorsement(db(), {
    hash: await recordHash(jws),
    kid: keys.active('tlog').kid,
    issuer: provider.url,
    subject: provider.url,
    event: 'retire',
    endorses: null,
    jws,
    issuedAt: systemAmbient().now(),
  })
  const { key } = await announceKey(parts(), 'status', ACTOR)
  await endorsed(key.kid)
  expect(provider.logged.some((line) => line.includes('key-state'))).toBe(true)
})
