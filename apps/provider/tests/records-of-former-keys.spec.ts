import {
  activateKey,
  announceKey,
  compromiseKey,
  createFileKeyDriver,
  issuerTables,
  readKeys,
  retireKey,
  type KeyParts,
} from '@arc3088/issuer'
import { systemAmbient } from '@arc3088/service'
import { waitFor } from '@arc3088/testkit'
import { pinAnchor, verifyEvidence, type Assessment } from '@arc3088/trust'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { verifiedRequester } from './requester-acts.ts'
import { startRootProcess, type RootProcess } from './start-root-process.ts'
import { startTestProvider, type TestProvider } from './start-test-provider.ts'

const ACTOR = { actor: 'tester', reason: 'yearly' }

let root: RootProcess
let provider: TestProvider

beforeAll(async () => {
  root = await startRootProcess({ logQuorum: 1 })
  provider = await startTestProvider(root)
  await provider.appoint('7')
})
afterAll(async () => {
  await provider[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

const node = () => provider.running().deps.node

/** As the commands of the node act, beside it. */
function parts(): KeyParts {
  const { randomBytes } = systemAmbient()
  const driver = createFileKeyDriver({ directory: provider.keysDirectory }, randomBytes)
  return {
    db: issuerTables(provider.database.db),
    ambient: systemAmbient(),
    entityId: provider.url,
    drivers: new Map([[driver.scheme, driver]]),
    driver,
    endorsedBy: 'root',
  }
}

async function assess(code: string): Promise<Assessment> {
  const anchor = pinAnchor(root.anchorText)
  if ('kind' in anchor) throw new Error(anchor.detail)
  const { body } = await provider.anyone.get(`/v1/codes/${code}`)
  return await verifyEvidence({ code, bundle: body, anchor, at: Math.floor(Date.now() / 1000) })
}

async function proved(code: string): Promise<void> {
  await waitFor(async () => (await assess(code)).log === 'proved', { what: `the proof of ${code}` })
}

/** Lets the next issuing key sign. */
async function activateNext(kid: string): Promise<void> {
  const attempt = async () =>
    await activateKey(parts(), node().tlog, { kid, overlapSeconds: 0, ...ACTOR }).then(
      () => true,
      () => false,
    )
  await waitFor(attempt, { what: 'the activation' })
  await waitFor(() => Promise.resolve(node().keys.active('issuing').kid === kid), {
    what: 'the running node to change over',
  })
}

test('a record stays provable when its key has retired and the log has grown since', async () => {
  const { code } = await verifiedRequester(provider)
  await proved(code)
  const before = node().keys.active('issuing').kid
  await activateNext((await announceKey(parts(), 'issuing', ACTOR)).key.kid)
  await node().tlog.drainNow()
  const retired = await retireKey(parts(), node().tlog, { kid: before, settleSeconds: 0, ...ACTOR })
  await proved((await verifiedRequester(provider)).code)
  const head = await node().tlog.head()
  expect(head.witnessed?.size).toBeGreaterThan(retired.finalCheckpointSize ?? Infinity)
  // What was put together before the retirement is forgotten.
  await provider.restart()
  await waitFor(async () => (await assess(code)).log === 'proved', { what: 'the older proof' })
  const { verdict, reasons, records } = await assess(code)
  expect({ verdict, reasons }).toEqual({ verdict: 'valid', reasons: [] })
  expect(records.at(-1)?.log?.witnessed_at).toBeLessThanOrEqual((retired.retiredAt?.getTime() ?? 0) / 1000)
})

test('a record from before a compromise stays provable, and one from after it counts no more', async () => {
  const { code: earlier } = await verifiedRequester(provider)
  await proved(earlier)
  const { kid } = node().keys.active('issuing')
  const checkpoint = await node().tlog.head()
  // Whole seconds: what is witnessed later is witnessed in a later one.
  await new Promise((resolve) => setTimeout(resolve, 1100))
  const since = new Date()
  await new Promise((resolve) => setTimeout(resolve, 1100))
  const { code: later } = await verifiedRequester(provider)
  await proved(later)
  await compromiseKey(parts(), { kid, since, ...ACTOR })
  const successor = (await readKeys(parts().db)).find(
    ({ purpose, state }) => purpose === 'issuing' && state === 'announced',
  )
  await activateNext(successor?.kid ?? '')
  await provider.restart()
  await waitFor(async () => (await assess(earlier)).verdict === 'valid', { what: 'the older proof' })
  expect((await assess(later)).reasons[0]).toMatchObject({ code: 'key-compromised' })
  const kept = await parts()
    .db.selectFrom('log_checkpoint')
    .select('size')
    .where('kept', '=', true)
    .where('size', '>=', checkpoint.witnessed?.size ?? 0)
    .execute()
  expect(kept).toHaveLength(1)
})
