import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { readEntityConfiguration } from '@arc3088/records'
import { freePort, waitFor } from '@arc3088/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openFederation, ONTOLOGY, type Federation, type FederationNode } from '../programs/federation.ts'
import { startNewProvider, type NewProvider } from '../programs/new-provider.ts'
import { startNode, type NodeProcess } from '../programs/node-process.ts'
import { act, decide, say } from '../programs/officers.ts'
import { register } from '../programs/registrations.ts'
import { arc3088 } from '../programs/run-cli.ts'

const LONG = { timeout: 240_000, interval: 500 }
const PREFIX = '1.2.156.3088.1.1'

type Resolution = Record<string, unknown> & {
  readonly records: readonly { level: string; iss: string }[]
  readonly reasons: readonly { code: string }[]
}

const resources = new AsyncDisposableStack()
let federation: Federation
let root: NodeProcess
/** Company A's own node, which is killed. */
let own: NodeProcess
/** Provider 2, which becomes the custodian. */
let second: NodeProcess
let third: NewProvider
/** The node over what Company A left, run by whoever is the custodian. */
let custody: NodeProcess
let custodyUrl: string
let agent: string
/** An instant at which Company A was active. */
let before: number

beforeAll(async () => {
  federation = resources.use(await openFederation())
  const { adminUrl, folder, company } = federation
  root = resources.use(await federation.root.start())
  own = resources.use(await company.start())
  second = resources.use(await federation.second.start({ CUSTODIAN_OF: PREFIX }))
  const like = { pid: own.child.pid ?? 0 }
  const more = { CUSTODIAN_OF: PREFIX }
  third = resources.use(await startNewProvider('third', { adminUrl, folder, like, more }))
})
afterAll(async () => {
  await resources.disposeAsync()
})

const now = () => Math.floor(Date.now() / 1000)
const file = (name: string) => join(federation.folder, name)

/** By the pinned key set alone, with its evidence kept in a file. */
async function resolve(code: string, ...more: string[]): Promise<Resolution> {
  const args = ['resolve', code, '--anchor', federation.anchor, '--bundle', file('bundle.json'), '--json']
  return (await arc3088([...args, ...more])).json() as Resolution
}

const standing = async (code: string, ...more: string[]) => {
  const { verdict, log } = await resolve(code, ...more)
  return [verdict, log]
}

/** Starts the node of a custodian over database, keys, journal and log of Company A, under a name of its own. */
async function takeCustody({ environment }: FederationNode): Promise<NodeProcess> {
  const port = await freePort()
  custodyUrl = `http://127.0.0.1:${port}`
  const changed = { ...environment, PORT: String(port), ENTITY_ID: custodyUrl }
  return resources.use(await startNode('provider', changed, '/livez'))
}

/** What two officers need to know of a node: where it is, and the keys that it shows. */
async function seatAt(url: string): Promise<{ entity_id: string; jwks: unknown }> {
  const read = readEntityConfiguration(await (await fetch(`${url}/.well-known/openid-federation`)).text())
  if (read.kind === 'rejected') throw new Error(read.detail)
  return { entity_id: url, jwks: read.claims.jwks }
}

async function post(path: string, body: object): Promise<unknown[]> {
  const response = await fetch(`${custodyUrl}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${federation.token}`,
      'content-type': 'application/json',
      'idempotency-key': crypto.randomUUID(),
    },
    body: JSON.stringify(body),
  })
  return [response.status, ((await response.json()) as { code?: unknown }).code]
}

test('what Company A issued is proved while it is there', async () => {
  const { company, token } = federation
  agent = (await register({ url: company.url, token }, 'left-behind')).code
  await expect.poll(() => standing(agent), LONG).toEqual(['valid', 'proved'])
  before = now()
  await waitFor(() => now() > before + 1, { what: 'another second' })
})

test('it retires to the node of a custodian, its own is killed, and its codes go on to show all that they are', async () => {
  const { company, desk } = federation
  await own.kill()
  custody = await takeCustody(company)
  await expect(fetch(`${company.url}/livez`)).rejects.toThrow('fetch failed')
  const ask = { provider: '1', custodian: '2', ...(await seatAt(custodyUrl)) }
  expect(await act(desk, 'provider:retire', ask)).toMatchObject({ state: 'retired', entity_id: custodyUrl })

  await expect.poll(() => standing(agent), LONG).toEqual(['provider-retired', 'proved'])
  const { records, reasons, provider } = await resolve(agent)
  expect(provider).toMatchObject({ code: PREFIX, entity_id: custodyUrl, state: 'retired' })
  expect(records.map(({ level, iss }) => [level, iss])).toEqual([
    ['provider', federation.root.url],
    ['requester', company.url],
    ['ontology', company.url],
    ['instance', company.url],
  ])
  expect(new Set(reasons.map(({ code }) => code))).toEqual(new Set(['provider-state', 'status-retired']))
  expect(await standing(ONTOLOGY)).toEqual(['provider-retired', 'proved'])
})

test('the past is what it was: before the retirement the code was valid', async () => {
  const { verdict, log } = await resolve(agent, '--at', String(before))
  expect([verdict, log]).toEqual(['valid', 'proved'])
  const live = await fetch(`${custodyUrl}/v1/codes/${agent}/history`)
  expect(live.status).toBe(200)
})

test('the node of a custodian assigns nothing and changes the life of no code', async () => {
  const assigned = async () => await post(`/v1/ontologies/${ONTOLOGY}/instances`, {})
  await expect.poll(assigned, LONG).toEqual([409, 'provider-retired'])
  for (const life of ['lock', 'retire'])
    expect(await post(`/v1/codes/${agent}/${life}`, { reason: 'as asked' })).toEqual([
      409,
      'provider-retired',
    ])
})

test('custody passes on to a third provider, and nothing is lost', async () => {
  const { company, desk } = federation
  await appointThird()
  await custody.kill()
  custody = await takeCustody(company)
  const ask = { provider: '1', custodian: '3', ...(await seatAt(custodyUrl)) }
  expect(await act(desk, 'provider:move', ask)).toMatchObject({ state: 'retired', entity_id: custodyUrl })
  const who = async () => {
    const { verdict, log, provider } = await resolve(agent)
    return [verdict, log, (provider as { entity_id: string }).entity_id]
  }
  await expect.poll(who, LONG).toEqual(['provider-retired', 'proved', custodyUrl])
  await expect.poll(() => standing(agent, '--at', String(before)), LONG).toEqual(['valid', 'proved'])
  const listed = (await (await fetch(`${federation.root.url}/v1/providers/1`)).json()) as object
  expect(listed).toMatchObject({ state: 'retired', custodian: '3', entity_id: custodyUrl })
})

test('with every node dead, the evidence that was saved says the same', async () => {
  await resolve(agent)
  await Promise.all([custody, second, root].map((node) => node.kill()))
  const { code, json } = await arc3088([
    'verify',
    file('bundle.json'),
    '--anchor',
    federation.anchor,
    '--json',
  ])
  expect([code, json()['verdict'], json()['log']]).toEqual([1, 'provider-retired', 'proved'])
  const bundle = JSON.parse(readFileSync(file('bundle.json'), 'utf8')) as { records: string[] }
  expect(bundle.records).toHaveLength(4)
})

/** Has the third provider get its code, by application and decision. */
async function appointThird(): Promise<void> {
  const { desk } = federation
  const who = ['--root', desk.url, '--entity-id', third.url, '--keys', third.keys]
  const organization = ['--name', 'Third', '--country', 'SG', '--contact', 'desk@third.example']
  const { id } = await say(['provider', 'apply', ...who, ...organization, '--wished-code', '3'])
  const [clerk] = desk.officers
  await say(['desk', 'applications', 'take', String(id), '--url', desk.url], clerk.token)
  const wanted = ['desk', 'applications', 'propose', String(id), '--url', desk.url, '--code', '3']
  await decide(desk, await say([...wanted, '--reason', 'complete'], clerk.token))
  await expect.poll(async () => (await fetch(`${third.url}/readyz`)).status, LONG).toBe(200)
}
