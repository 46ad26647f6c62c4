import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startLocalPostgres, type PostgresServer } from '@arc3088/local-postgres'

import { startNewProvider, type NewProvider } from '../programs/new-provider.ts'
import {
  act,
  approving,
  deskOf,
  proposing,
  refusalOf,
  say,
  signing,
  type RootDesk,
  type Said,
} from '../programs/officers.ts'
import { query } from '../programs/databases.ts'
import { environmentOfProcess } from '../programs/node-process.ts'
import {
  startSandbox,
  takePlace,
  type RunningSandbox,
  type SandboxDescription,
  type SandboxPlace,
} from '../programs/run-sandbox.ts'

const LONG = { timeout: 240_000, interval: 500 }
const PROVIDER = '1.2.156.3088.1.3'
const ONTOLOGY = `${PROVIDER}.Q1.LION.0`
const AGENT = `${PROVIDER}.Q1.LION.1`
const REASON = ['--reason', '核查 as the rules have it']

let postgres: PostgresServer
let place: SandboxPlace
let sandbox: RunningSandbox
let all: SandboxDescription
let desk: RootDesk
/** The institute of another country that becomes provider 3. */
let institute: NewProvider
let requester: string

beforeAll(async () => {
  postgres = await startLocalPostgres()
  place = await takePlace()
  const { adminUrl } = postgres
  sandbox = await startSandbox(place, { environment: { POSTGRES_ADMIN_URL: adminUrl } })
  all = sandbox.description()
  desk = deskOf(all.root)
  const like = all.providers[1] ?? { pid: 0 }
  institute = await startNewProvider('lion-institute', { adminUrl, folder: place.stateDir, like })
})
afterAll(async () => {
  await institute[Symbol.asyncDispose]()
  await sandbox[Symbol.asyncDispose]()
  place[Symbol.dispose]()
  await postgres.stop()
})

const ask = async (url: string) => (await (await fetch(url)).json()) as Record<string, unknown>
const resolve = async (code: string, at = '') => await ask(`${all.resolver.url}/v1/resolve/${code}${at}`)
const verdictOf = async (code: string, at = '') => (await resolve(code, at))['verdict']
const now = () => Math.floor(Date.now() / 1000)
const providers = async () => (await ask(`${all.root.url}/v1/providers`))['items'] as Said[]
const statementStatus = async (entity: string) =>
  (await fetch(`${all.root.url}/federation/fetch?sub=${encodeURIComponent(entity)}`)).status

/** What the institute says as an applicant; with its own key. */
const applicant = () => ['--root', all.root.url, '--entity-id', institute.url, '--keys', institute.keys]

/** Sends to a node what its command line does not; answers the status and the code of the problem. */
async function post(url: string, path: string, token: string, body: object): Promise<unknown[]> {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': crypto.randomUUID(),
    },
    body: JSON.stringify(body),
  })
  const { code } = (await response.json()) as { code?: unknown }
  return [response.status, code]
}

describe('an institute of another country', () => {
  let id: string
  let proposal: Said

  test('applies, is returned once with what is missing, and completes', async () => {
    const organization = ['--name', 'Lion Institute', '--country', 'SG', '--contact', 'desk@lion.example']
    const applied = await say(['provider', 'apply', ...applicant(), ...organization, '--wished-code', '3'])
    id = String(applied['id'])
    const [clerk] = desk.officers
    const at = [id, '--url', desk.url]
    await say(['desk', 'applications', 'take', ...at], clerk.token)
    const item = 'evidence=登记证书 the certificate of registration'
    await say(['desk', 'applications', 'return', ...at, ...REASON, '--item', item], clerk.token)
    const asked = await say(['provider', 'status', '--application', id, ...applicant()])
    expect(asked).toMatchObject({ state: 'returned', revision: 1 })
    expect(JSON.stringify(asked['steps'])).toContain('the certificate of registration')
    const evidence = `registration-certificate https://lion.example/certificate.pdf sha-256:${'A'.repeat(43)} Certificate`
    await say(['provider', 'complete', '--application', id, ...applicant(), '--evidence', evidence])
    const shown = await say(['desk', 'applications', 'show', ...at], clerk.token)
    expect(shown).toMatchObject({ id, revision: 2, kind: 'overseas', entity_id: institute.url })
    if (shown['state'] === 'applied') await say(['desk', 'applications', 'take', ...at], clerk.token)
    expect((await say(['desk', 'applications', 'show', ...at], clerk.token))['state']).toBe('under-review')
  })

  test('is not decided by one officer alone, by no route', async () => {
    const [first, second, third] = desk.officers
    const wanted = ['desk', 'applications', 'propose', id, '--url', desk.url, '--code', '3', ...REASON]
    proposal = await say(wanted, first.token)
    // Nobody follows a proposal that its proposer has not signed; nobody else signs it for him.
    expect(await refusalOf(approving(desk, proposal, second), second.token)).toBe('proposal-unsigned')
    expect(await refusalOf(signing(desk, proposal, second), second.token)).toBe('not-the-proposer')
    expect(await refusalOf(signing(desk, proposal, second), first.token)).toBe('officer-key-unknown')
    await say(signing(desk, proposal, first), first.token)
    const attempts = [
      // He himself; again under his own key; with a key that is not his.
      [first, first.token, 'proposer-approves'],
      [second, first.token, 'proposer-approves'],
      // With the token of another, and his own key, or that of a third.
      [first, second.token, 'officer-key-unknown'],
      [third, second.token, 'officer-key-unknown'],
      [{ token: '', keyFile: `${institute.keys}/federation.jwk.json` }, second.token, 'officer-key-unknown'],
      // As nobody, and as somebody of another node.
      [second, 'arc3088_nobody', 'unauthenticated'],
      [second, institute.reviewer, 'unauthenticated'],
      [second, deskOf(all.overseas.root).officers[1].token, 'unauthenticated'],
    ] as const
    for (const [nth, [key, token, expected]] of attempts.entries())
      expect([nth, await refusalOf(approving(desk, proposal, key), token)]).toEqual([nth, expected])
    const another = { ...proposal, hash: `sha-256:${'A'.repeat(43)}` }
    expect(await refusalOf(approving(desk, another, second), second.token)).toBe('proposal-changed')
    // The same thing once more, to approve it there.
    expect(await refusalOf(wanted, second.token)).toBe('proposal-pending')
    const once = { kind: 'provider:assign', ask: { application_id: id, code: '4' }, reason: 'again' }
    expect(await post(desk.url, '/v1/desk/proposals', third.token, once)).toEqual([409, 'proposal-pending'])
    const none = `/v1/desk/applications/${id}/approve`
    expect((await post(desk.url, none, first.token, { code: '3' }))[0]).toBe(404)

    expect((await providers()).map(({ code }) => code)).toEqual(['1', '2'])
    expect(await statementStatus(institute.url)).toBe(404)
    expect((await fetch(`${institute.url}/readyz`)).status).toBe(503)
    expect(await verdictOf(PROVIDER)).toBe('not-assigned')
  })

  test('gets its code when a second officer approves, and its node serves it', async () => {
    const [, second] = desk.officers
    const { outcome } = await say(approving(desk, proposal, second), second.token)
    expect(outcome).toMatchObject({ code: PROVIDER })
    await expect.poll(async () => (await fetch(`${institute.url}/readyz`)).status, LONG).toBe(200)
    expect((await providers()).at(-1)).toMatchObject({
      code: '3',
      entity_id: institute.url,
      kind: 'overseas',
    })
    await expect.poll(() => verdictOf(PROVIDER), LONG).toBe('valid')
    const status = await say(['provider', 'status', '--application', id, ...applicant()])
    expect(status['state']).toBe('approved')
  })

  test('has agents that resolve', async () => {
    const { url, reviewer } = institute
    const who = ['--name', 'Lion Labs', '--country', 'SG', '--contact', 'agents@lion.example']
    const applied = await say(['requester', 'apply', '--url', url, ...who, '--identifier', 'uen=201900001K'])
    requester = String(applied['token'])
    const verified = ['desk', 'requesters', 'verify', String(applied['id']), '--url', url, '--code', 'Q1']
    await say([...verified, ...REASON], reviewer)
    const file = `${place.stateDir}/examples/provider-1.json`
    const { id: draft } = await say(['ontology', 'submit', '--url', url, '--description', file], requester)
    await say(['desk', 'ontologies', 'take', String(draft), '--url', url], reviewer)
    const approved = ['desk', 'ontologies', 'approve', String(draft), '--url', url, '--serial', 'LION']
    await say([...approved, ...REASON], reviewer)
    await say(['instance', 'register', ONTOLOGY, '--url', url, '--serial', '1'], requester)
    await expect.poll(() => verdictOf(AGENT), LONG).toBe('valid')
    expect(await resolve(AGENT)).toMatchObject({ provider: { code: PROVIDER, entity_id: institute.url } })
    await expect.poll(async () => (await resolve(AGENT))['log'], LONG).toBe('proved')
  })
})

describe('a provider that two officers suspend', () => {
  const register = async () =>
    await post(institute.url, `/v1/ontologies/${ONTOLOGY}/instances`, requester, {})

  test('is good while one officer alone wants it otherwise', async () => {
    const [first] = desk.officers
    const wanted = proposing(desk, 'provider:suspend', { provider: '3' })
    const proposal = await say([...wanted, '--officer-key', first.keyFile], first.token)
    expect(await refusalOf(approving(desk, proposal, first), first.token)).toBe('proposer-approves')
    const withdrawn = ['desk', 'proposals', 'withdraw', String(proposal['id']), '--url', desk.url, ...REASON]
    await say([...withdrawn, '--hash', String(proposal['hash'])], first.token)
    expect((await providers()).at(-1)?.['state']).toBe('active')
  })

  test('is suspended at the resolver with all below it, and its desk refuses to issue', async () => {
    await act(desk, 'provider:suspend', { provider: '3' })
    await expect.poll(() => verdictOf(AGENT), LONG).toBe('provider-suspended')
    expect(await verdictOf(PROVIDER)).toBe('provider-suspended')
    await expect.poll(register, LONG).toEqual([503, 'provider-suspended'])
  })

  test('is good again when it is resumed', async () => {
    await act(desk, 'provider:resume', { provider: '3' })
    await expect.poll(() => verdictOf(AGENT), LONG).toBe('valid')
    await expect.poll(async () => (await register())[0], LONG).toBe(201)
  })
})

describe('a provider that is retired', () => {
  let before: number

  test('says so for ever, and what was before is answered as it was', async () => {
    before = now()
    await act(desk, 'provider:retire', { provider: '3', custodian: null })
    await expect.poll(() => verdictOf(AGENT), LONG).toBe('provider-retired')
    const after = now()
    expect([await statusAt(before), await statusAt(after)]).toEqual(['valid', 'retired'])
    expect(await resolve(PROVIDER, `?at=${before}`)).toMatchObject({ status: 'valid' })
    expect(await resolve(PROVIDER, `?at=${after}`)).toMatchObject({
      status: 'retired',
      verdict: 'provider-retired',
    })
    for (const kind of ['provider:resume', 'provider:suspend', 'provider:retire'])
      expect(await refusalOf(proposing(desk, kind, { provider: '3' }), desk.officers[0].token)).toMatch(
        /retired|state/,
      )
  })

  test('never gives its code away: not at the desk, not to proposals at once, not to a direct insert', async () => {
    await using first = await applyAgain('second-institute')
    await using second = await applyAgain('third-institute')
    const [one, two] = desk.officers
    const wanted = (id: string) => proposing(desk, 'provider:assign', { application_id: id, code: '3' })
    const outcomes = await Promise.all([
      attempt(wanted(first.application), one.token),
      attempt(wanted(second.application), two.token),
    ])
    const refusals: unknown[] = []
    for (const [nth, outcome] of outcomes.entries()) {
      const [proposer, approver] = nth === 0 ? [one, two] : [two, one]
      if ('said' in outcome) await say(signing(desk, outcome.said, proposer), proposer.token)
      refusals.push(
        'said' in outcome
          ? await refusalOf(approving(desk, outcome.said, approver), approver.token)
          : outcome.refused,
      )
    }
    expect(refusals).toContain('code-taken')
    expect(refusals.filter((each) => each !== 'code-taken' && each !== 'proposal-pending')).toEqual([])
    const asService = environmentOfProcess(all.root.pid)['DATABASE_URL'] ?? ''
    const copy = `insert into code_ledger select * from code_ledger where provider = 3 and requester = 0`
    await expect(query(asService, copy)).rejects.toMatchObject({ code: '23505' })
    const revive = `update provider set state = 'active' where code = 3`
    await expect(query(asService, revive)).rejects.toThrow('retired for ever')
    await expect(query(asService, `delete from code_ledger where provider = 3`)).rejects.toMatchObject({
      code: '42501',
    })
    expect((await providers()).find(({ code }) => code === '3')).toMatchObject({
      entity_id: institute.url,
      state: 'retired',
    })
    expect(await verdictOf(PROVIDER)).toBe('provider-retired')
    for (const { url } of [first, second]) expect(await statementStatus(url)).toBe(404)
  })
})

/** What the root signed of the code of provider 3 for an instant. */
async function statusAt(instant: number): Promise<unknown> {
  const headers = { accept: 'application/agent-code-resolution+jwt' }
  const response = await fetch(`${desk.url}/v1/codes/${PROVIDER}?at=${instant}`, { headers })
  const [, payload = ''] = (await response.text()).split('.')
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as Said)['status']
}

/** Another node whose application is under review. */
async function applyAgain(name: string): Promise<NewProvider & { application: string }> {
  const { adminUrl } = postgres
  const like = all.providers[1] ?? { pid: 0 }
  const node = await startNewProvider(name, { adminUrl, folder: place.stateDir, like })
  const own = ['--root', all.root.url, '--entity-id', node.url, '--keys', node.keys]
  const organization = ['--name', name, '--country', 'SG', '--contact', 'desk@lion.example']
  const { id } = await say(['provider', 'apply', ...own, ...organization, '--wished-code', '3'])
  await say(['desk', 'applications', 'take', String(id), '--url', desk.url], desk.officers[0].token)
  return { ...node, application: String(id) }
}

async function attempt(args: string[], token: string): Promise<{ said: Said } | { refused: unknown }> {
  try {
    return { said: await say(args, token) }
  } catch {
    return { refused: await refusalOf(args, token) }
  }
}
