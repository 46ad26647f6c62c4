import { isDeepStrictEqual } from 'node:util'

import { startLocalPostgres, type PostgresServer } from '@arc3088/local-postgres'
import { freePort, waitFor } from '@arc3088/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { forgeOfficerSet } from '../programs/forge-lists.ts'
import { forgeRows, newSigner, type ForgedRows } from '../programs/forge-rows.ts'
import { environmentOfProcess, startNode, type NodeProcess } from '../programs/node-process.ts'
import {
  approving,
  deskOf,
  proposing,
  refusalOf,
  say,
  signing,
  type RootDesk,
  type Said,
} from '../programs/officers.ts'
import {
  startSandbox,
  takePlace,
  type RunningSandbox,
  type SandboxDescription,
  type SandboxPlace,
} from '../programs/run-sandbox.ts'
import { signedState, type Subjects } from '../programs/signed-state.ts'

const PREFIX = '1.2.156.3088.1.1'

let postgres: PostgresServer
let place: SandboxPlace
let sandbox: RunningSandbox
let all: SandboxDescription
let desk: RootDesk
let subjects: Subjects
let before: Said
let forged: ForgedRows
/** What one officer wanted, and nobody approved. */
let pending: Said
let proposed: Said
/** The root over the same rows, which remembers nothing from before. */
let fresh: NodeProcess & { url: string }

const ask = async (url: string) => (await (await fetch(url)).json()) as Record<string, unknown>
const resolve = async (code: string) => await ask(`${all.resolver.url}/v1/resolve/${code}`)

beforeAll(async () => {
  postgres = await startLocalPostgres()
  place = await takePlace()
  sandbox = await startSandbox(place, { environment: { POSTGRES_ADMIN_URL: postgres.adminUrl } })
  all = sandbox.description()
  desk = deskOf(all.root)
  const { recognition } = await resolve(all.overseas.example)
  const { jti, hash } = (recognition as { agreement: { jti: string; hash: string } }).agreement
  const entities = all.providers.map(({ url }) => url)
  subjects = { entities, codes: [PREFIX, '1.2.156.3088.1.2'], agreement: jti }
  const [ann] = desk.officers
  const wanted = proposing(desk, 'provider:suspend', { provider: '2' })
  pending = await say([...wanted, '--officer-key', ann.keyFile], ann.token)
  before = await settledState()

  const environment = environmentOfProcess(all.root.pid)
  const database = environment['DATABASE_URL'] ?? ''
  const { payload } = pending['decision'] as { payload: string }
  forged = await forgeRows({
    database,
    root: all.root.url,
    overseas: all.overseas.root.url,
    provider: { code: '1', url: entities[0] ?? '' },
    agreement: { id: jti.slice('urn:uuid:'.length), hash },
    pending: { id: String(pending['id']), payload },
  })
  fresh = await startRoot()
})
afterAll(async () => {
  await fresh?.stop()
  await sandbox?.[Symbol.asyncDispose]()
  place[Symbol.dispose]()
  await postgres.stop()
})

test('the role of the service can write nearly all of it: no right of the database is what stands in the way', () => {
  expect(forged.refused).toEqual([])
  expect(forged.written).toEqual(
    expect.arrayContaining(['operator', 'api_token', 'proposal_vote 1', 'decision provider:suspend']),
  )
})

test('nothing that the root signs has changed, nor what it signs where it remembers nothing', async () => {
  expect(Object.values(before).filter((each) => typeof each === 'number')).toEqual([])
  expect(await signedState(fresh.url, subjects)).toEqual(before)
  expect(await signedState(all.root.url, subjects)).toEqual(before)
})

test('no forged decision is one', async () => {
  for (const { url } of [all.root, fresh]) {
    for (const hash of forged.decisions)
      expect((await fetch(`${url}/v1/decisions/${hash}`)).status).not.toBe(200)
  }
})

test('whoever was written in as an officer decides nothing', async () => {
  const headers = { authorization: `Bearer ${forged.token}` }
  expect((await fetch(`${desk.url}/v1/desk/proposals`, { headers })).status).toBe(200)
  const [ann, bo] = desk.officers
  proposed = await say(proposing(desk, 'provider:suspend', { provider: '1' }), ann.token)
  await say(signing(desk, proposed, ann), ann.token)
  for (const officer of [ann, bo])
    expect(await refusalOf(approving(desk, proposed, officer), forged.token)).toBe('officer-key-unknown')
  expect(await refusalOf(approving(desk, pending, bo), bo.token)).toBe('proposal-decided')
})

test('every code is what it was, at the resolver too', async () => {
  for (const code of [all.example, PREFIX, all.overseas.example])
    expect([code, (await resolve(code))['verdict']]).toEqual([code, 'valid'])
})

test('what two officers really decide takes effect all the same', async () => {
  const [, bo] = desk.officers
  await say(approving(desk, proposed, bo), bo.token)
  await expect
    .poll(async () => (await resolve(PREFIX))['verdict'], { timeout: 240_000, interval: 500 })
    .toBe('provider-suspended')
})

test('a set of officers that no officers decided is none', async () => {
  const database = environmentOfProcess(all.root.pid)['DATABASE_URL'] ?? ''
  const state = await settledState()
  await forgeOfficerSet(database, all.root.url, [await newSigner(), await newSigner(), await newSigner()])
  await using another = await startRoot()
  for (const url of [another.url, all.root.url])
    expect([url, await signedState(url, subjects)]).toEqual([url, state])
})

/**
 * What the root signs, once that is what it signs where it remembers nothing: of a witness that came or went, a process
 * that runs tells verifiers only when its log can keep it.
 */
async function settledState(): Promise<Said> {
  await using another = await startRoot()
  const state = await signedState(another.url, subjects)
  const isSettled = async () => isDeepStrictEqual(await signedState(all.root.url, subjects), state)
  await waitFor(isSettled, { what: 'the witnesses that the root tells of', timeoutMs: 240_000 })
  return state
}

/** A further process of the root over the same rows. */
async function startRoot(): Promise<NodeProcess & { url: string }> {
  const port = await freePort()
  const environment = { ...environmentOfProcess(all.root.pid), PORT: String(port) }
  return { ...(await startNode('root', environment, '/livez')), url: `http://127.0.0.1:${port}` }
}
