import { connect } from '@arc3088/db'
import { issuerTables, ownLogMetadata, readUnconfirmed, witnessesOf } from '@arc3088/issuer'
import {
  generateSigningKey,
  MEDIA_TYPE,
  readEntityConfiguration,
  signKeyEndorsement,
  signRegistryRequest,
  type PublicJwk,
} from '@arc3088/records'
import { waitFor } from '@arc3088/testkit'
import { pinAnchor, verifyEvidence } from '@arc3088/trust'
import { sql } from 'kysely'
import { v7 } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { witnessingOf } from '../src/witness/witnessing.ts'
import { approvedOntology, verifiedRequester } from './requester-acts.ts'
import { startRootProcess, type RootProcess } from './start-root-process.ts'
import { startTestProvider, type TestProvider } from './start-test-provider.ts'

let root: RootProcess
let provider: TestProvider

beforeAll(async () => {
  root = await startRootProcess({ logQuorum: 1 })
  provider = await startTestProvider(root)
})
afterAll(async () => {
  await provider[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

const logsOf = (of: TestProvider) => of.running().deps.appointment.log()
const ownLogOf = (of: TestProvider) => {
  const { entityId, keys } = of.running().deps.node
  return ownLogMetadata(entityId, keys.published('tlog'))
}

test('names its log in its own configuration, before it has a code', async () => {
  const { text } = await provider.anyone.get('/.well-known/openid-federation')
  const read = readEntityConfiguration(text)
  if (read.kind === 'rejected') throw new Error(read.detail)
  const metadata = read.claims.metadata.agent_code_provider
  expect(metadata?.tlog).toEqual(ownLogOf(provider))
  expect(metadata?.tlog?.origin).toBe(`${provider.url.slice('http://'.length)}/tlog`)
})

test('knows of no log while it has no appointment, and waits for no witness', async () => {
  expect(logsOf(provider)).toEqual({ own: undefined, root: undefined })
  const witnessing = witnessingOf(provider.running().deps.appointment)
  expect([await witnessing.witnesses(), witnessing.quorum()]).toEqual([[], 0])
})

test('learns from the root who witnesses its log, and the log that it is to witness', async () => {
  await provider.appoint('7')
  const { own, root: rootLog } = logsOf(provider)
  expect(own).toMatchObject({ ...ownLogOf(provider), quorum: 1, witnesses: [{ url: `${root.url}/` }] })
  expect(rootLog?.origin).toBe(`${root.url.slice('http://'.length)}/tlog`)
  if (rootLog === undefined) throw new Error('the root has no log')
  // The root cosigns with the key of its own log.
  expect(own?.witnesses).toEqual(witnessesOf(root.url, rootLog))
  const witnessing = witnessingOf(provider.running().deps.appointment)
  expect([await witnessing.witnesses(), witnessing.quorum()]).toEqual([own?.witnesses, 1])
})

test('gets the proof from the root’s log, which it witnessed itself, and hands it to strangers', async () => {
  const { appointment } = provider.running().deps
  await waitFor(() => appointment.demand().word.log_proof !== undefined, {
    what: 'the proof',
  })
  expect(appointment.demand().word.log_proof).toMatch(/^c2sp\.org\/tlog-proof@v1\n/)
  const ontology = await approvedOntology(provider, await verifiedRequester(provider))
  const anchor = pinAnchor(root.anchorText)
  if ('kind' in anchor) throw new Error(anchor.detail)
  const verdictOf = async () => {
    const { body } = await provider.anyone.get(`/v1/codes/${ontology}`)
    const at = Math.floor(Date.now() / 1000)
    return await verifyEvidence({ code: ontology, bundle: body, anchor, at })
  }
  await waitFor(async () => (await verdictOf()).log === 'proved', {
    what: 'proofs of every record',
  })
  expect((await verdictOf()).verdict).toBe('valid')
})

test('witnesses the log of its root by the keys that the root names, and no other log', async () => {
  const add = async (origin: string) =>
    await fetch(`${provider.url}/add-checkpoint`, {
      method: 'POST',
      body: `old 0\n\n${origin}\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— ${origin} ${'A'.repeat(92)}\n`,
    })
  const known = await add(`${root.url.slice('http://'.length)}/tlog`)
  expect([known.status, await known.text()]).toEqual([403, expect.stringMatching(/^checkpoint-unsigned: /)])
  const unknown = await add('other.example/tlog')
  expect([unknown.status, await unknown.text()]).toEqual([404, expect.stringMatching(/^log-unknown: /)])
})

test('assigned before logs were known, tells the root of its log by itself, and learns who witnesses it', async () => {
  await using earlier = await startTestProvider(root)
  // As if it had had no log yet when the clerk fetched its configuration: the officers decided on none.
  await earlier.applyAndBeAssigned('8', async (id) => {
    await asOwner(root.database.ownerUrl, [`update provider_application set tlog = null where id = '${id}'`])
  })
  await waitFor(() => logsOf(earlier).own !== undefined, {
    what: 'the log in the statement',
  })
  expect(logsOf(earlier).own).toMatchObject({ ...ownLogOf(earlier), quorum: 1 })
  expect(earlier.logged.filter((line) => line.includes("this node's log is not the one"))).toEqual([])
})

test('goes on without a log where the root takes none of it, and says so once', async () => {
  await using refused = await startTestProvider(root)
  await refused.appoint('9')
  // What it says of its keys brings the key of its log to the root too, a moment later.
  const { node } = refused.running().deps
  await waitFor(async () => (await readUnconfirmed(issuerTables(node.db), refused.url, 1)).length === 0, {
    what: 'the root to know its keys',
  })
  // Its own federation key tells of another key of its log, and that the one in use is in other hands.
  const other = (await generateSigningKey('Ed25519')).publicJwk
  await tellOfLogKey(refused, { event: 'announce', key: other })
  await tellOfLogKey(refused, { event: 'activate', key: other })
  await tellOfLogKey(refused, { event: 'compromise', key: node.keys.active('tlog').publicJwk })
  await asOwner(refused.database.ownerUrl, ['delete from appointment'])
  await root.stop()
  await root.start()
  await refused.restart()
  const complaints = () => refused.logged.filter((line) => line.includes("this node's log is not the one"))
  await waitFor(() => complaints().length > 0, { what: 'the complaint' })
  expect((await refused.anyone.get('/readyz')).status).toBe(200)
  expect(logsOf(refused).own?.vkeys).toEqual(ownLogMetadata(refused.url, [other]).vkeys)
  expect(complaints()).toHaveLength(1)
})

async function tellOfLogKey(
  of: TestProvider,
  { event, key }: { event: 'announce' | 'activate' | 'compromise'; key: PublicJwk },
): Promise<void> {
  const { keys } = of.running().deps.node
  const signer = keys.active('federation')
  const iat = Math.floor(Date.now() / 1000)
  const own = { iss: of.url, sub: of.url, iat, jti: v7() }
  const endorsement = await signKeyEndorsement(signer, {
    ...own,
    event,
    purpose: 'tlog',
    key,
    ...(event === 'compromise' ? { revoked_at: iat } : {}),
  })
  const path = '/v1/providers/9/keys'
  const claims = { ...own, jti: v7(), aud: root.url, exp: iat + 300, method: 'POST' as const, path }
  const response = await fetch(`${root.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': MEDIA_TYPE.registryRequest },
    body: await signRegistryRequest(signer, { ...claims, body: { endorsement } }),
  })
  if (response.status !== 201) throw new Error(await response.text())
}

async function asOwner(url: string, statements: readonly string[]): Promise<void> {
  const db = connect<unknown>({ url, max: 1, applicationName: 'as-owner', onIdleError: () => undefined })
  try {
    for (const statement of statements) await sql.raw(statement).execute(db)
  } finally {
    await db.destroy()
  }
}
