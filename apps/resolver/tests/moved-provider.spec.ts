import { randomUUID } from 'node:crypto'

import { PROVIDER_ENTITY_TYPE, readAssignmentRecord, readSubordinateStatement } from '@arc3088/records'
import { freePort, waitFor } from '@arc3088/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { ANNEX_C, appointProvider, awaitProofs, registerAnnexC } from './annex-c.ts'
import {
  ask,
  decide,
  signerOf,
  startProvider,
  startRoot,
  type RunningNode,
  type RunningRoot,
} from './running-nodes.ts'
import { startTestResolver } from './running-resolver.ts'

const resources = new AsyncDisposableStack()
let root: RunningRoot
let provider: RunningNode
let token: string
let movedTo: string

beforeAll(async () => {
  root = resources.use(await startRoot())
  provider = resources.use(await startProvider(root))
  await appointProvider(root, provider)
  token = await registerAnnexC(provider)
  await awaitProofs(root)
  movedTo = `http://127.0.0.1:${await freePort()}`
})

afterAll(async () => {
  await resources.disposeAsync()
})

async function register(serial: string): Promise<Record<string, unknown>> {
  return await ask(`${movedTo}/v1/ontologies/${ANNEX_C.ontology}/instances`, {
    token,
    body: { serial },
    headers: { 'idempotency-key': randomUUID() },
  })
}

/** What somebody says who comes just now, once all of it is proved. Clocks stay as they are, since tokens live an hour. */
async function provedToAStranger(code: string): Promise<Record<string, unknown>> {
  return await waitFor(
    async () => {
      await using stranger = await startTestResolver(root.anchor)
      const answer = await stranger.resolve(code)
      return answer['verdict'] === 'valid' && answer['log'] === 'proved' && answer
    },
    { what: `the proofs of ${code}`, intervalMs: 200 },
  )
}

function statementAt(url: string): Promise<Response> {
  return fetch(`${root.url}/federation/fetch?sub=${encodeURIComponent(url)}`)
}

test('a node that the root does not name assigns nothing, though it has database and keys', async () => {
  await provider.moveTo(movedTo)
  await expect(register('AAA1')).rejects.toThrow('appointment-lapsed')
  const configuration = await fetch(`${movedTo}/.well-known/openid-federation`)
  expect(configuration.status).toBe(200)
})

test('once officers have moved the provider, everything it ever gave out goes on being good', async () => {
  const [ann] = root.tokens
  if (ann === undefined) throw new Error('an officer is needed')
  const jwks = { keys: [{ ...signerOf(provider.signers, 'federation').publicJwk }] }
  const proposal = await ask(`${root.url}/v1/desk/proposals`, {
    token: ann,
    body: {
      kind: 'provider:move',
      ask: { provider: '1', entity_id: movedTo, jwks },
      reason: 'another address',
    },
  })
  await decide(root, proposal)
  const appointment = async () => {
    const read = readSubordinateStatement(await (await statementAt(provider.url)).text())
    if (read.kind === 'rejected') throw new Error(read.detail)
    return read.claims.metadata[PROVIDER_ENTITY_TYPE]
  }
  await expect.poll(appointment).toMatchObject({
    operator: { entity_id: movedTo },
    predecessors: [{ entity_id: provider.url }],
    tlog: { origin: `${provider.url.slice('http://'.length)}/tlog` },
  })

  const answer = await provedToAStranger(ANNEX_C.instance)
  expect(answer).toMatchObject({ provider: { entity_id: movedTo } })
  const records = answer['records'] as { level: string; iss: string }[]
  expect(records.slice(1).map(({ iss }) => iss)).toEqual([provider.url, provider.url, provider.url])
  // Lists keep their address, and are had, and signed, by who serves now.
  const statuses = answer['statuses'] as { of: string; uri: string }[]
  expect(statuses.find(({ of }) => of === 'instance')?.uri.startsWith(`${provider.url}/status/`)).toBe(true)
})

test('the entity that serves now assigns, locks and proves under the same code, in the same log', async () => {
  await waitFor(async () => await register('AAA2'), { what: 'the appointment' })
  const code = `${ANNEX_C.ontology.slice(0, -1)}AAA2`
  const record = await fetch(`${movedTo}/v1/codes/${code}`, {
    headers: { accept: 'application/agent-code-assignment+jwt' },
  })
  const read = readAssignmentRecord(await record.text())
  if (read.kind === 'rejected') throw new Error(read.detail)
  expect(read.claims.iss).toBe(movedTo)
  await provedToAStranger(code)
  // What was given out before is proved from within its time even now that the log has gone on.
  await using resolver = await startTestResolver(root.anchor)
  expect(await resolver.resolve(ANNEX_C.instance)).toMatchObject({ verdict: 'valid', log: 'proved' })
})
