import { readDirectoryPage, readEntityConfiguration, verifyDirectoryPage } from '@arc3088/records'
import { waitFor } from '@arc3088/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import {
  appointmentOf,
  assess,
  createProvider,
  liveAnswer,
  refusalOf,
  refusalOfProposal,
  type TestProvider,
} from './provider-acts.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { createApplicant, proposeFor, readJson } from './test-applicant.ts'

let root: TestRoot
beforeAll(async () => {
  root = await startTestRoot()
})
afterAll(async () => {
  await root[Symbol.asyncDispose]()
})

const untilVerdict = (provider: TestProvider, verdict: string) =>
  expect.poll(async () => (await assess(root, provider)).verdict, { timeout: 20_000 }).toBe(verdict)

async function directoryEntry({ code }: TestProvider) {
  const read = readDirectoryPage(await (await root.get('/v1/directory')).text())
  if (read.kind === 'rejected') throw new Error(read.detail)
  return { seq: read.claims.seq, entry: read.claims.entries.find((each) => each.code === code) }
}

async function historyOf({ code }: TestProvider): Promise<{ act: string; decision: string | null }[]> {
  const { items } = await readJson(await root.get(`/v1/providers/${code}/history`))
  return items as { act: string; decision: string | null }[]
}

describe('a provider that is suspended', () => {
  test('is suspended in statement, lists, directory, listing, history and live answer, and so are its codes', async () => {
    await using provider = await createProvider(root, 'S1')
    expect((await assess(root, provider)).verdict).toBe('valid')
    const before = await directoryEntry(provider)
    const outcome = await root.act('provider:suspend', { provider: 'S1' })
    expect(outcome).toMatchObject({ code: 'S1', code_prefix: provider.prefix, state: 'suspended' })
    await untilVerdict(provider, 'provider-suspended')
    const reasons = async () => (await assess(root, provider)).reasons.map(({ code }) => code).toSorted()
    const all = ['provider-state', 'status-suspended', 'status-suspended']
    await expect.poll(reasons, { timeout: 20_000 }).toEqual(all)
    expect(await appointmentOf(root, provider)).toMatchObject({ state: 'suspended', provider_code: 'S1' })
    const listed = await readJson(await root.get('/v1/providers/S1'))
    expect(listed).toMatchObject({ state: 'suspended', code_prefix: provider.prefix, custodian: null })
    const after = await directoryEntry(provider)
    expect([before.entry?.state, after.entry?.state]).toEqual(['active', 'suspended'])
    expect(after.seq).toBeGreaterThan(before.seq)
    expect(await liveAnswer(root, provider.prefix)).toMatchObject({ status: 'suspended' })
    const [assigned, suspended] = await historyOf(provider)
    expect([assigned?.act, suspended?.act]).toEqual(['assign', 'suspend'])
    const decision = await readJson(await root.get(`/v1/decisions/${String(suspended?.decision)}`))
    expect(decision).toMatchObject({ kind: 'provider:suspend', payload: { provider: 'S1' } })
  })

  test('is good again when it is resumed, and each step stands for ever in its past', async () => {
    await using provider = await createProvider(root, 'S2')
    const assignedAt = (await liveAnswer(root, provider.prefix)).status_since ?? 0
    await root.act('provider:suspend', { provider: 'S2' })
    const suspended = await liveAnswer(root, provider.prefix)
    await waitFor(() => Date.now() / 1000 > (suspended.status_since ?? 0) + 1, { what: 'another second' })
    await root.act('provider:resume', { provider: 'S2' })
    await untilVerdict(provider, 'valid')
    await expect
      .poll(async () => (await appointmentOf(root, provider))?.state, { timeout: 20_000 })
      .toBe('active')
    const resumed = await liveAnswer(root, provider.prefix)
    expect(resumed).toMatchObject({ status: 'valid' })
    const at = async (instant: number) => (await liveAnswer(root, provider.prefix, instant)).status
    expect(await at(suspended.status_since ?? 0)).toBe('suspended')
    expect(await at(resumed.status_since ?? 0)).toBe('valid')
    expect((await liveAnswer(root, provider.prefix, assignedAt - 1)).result).toBe('not_assigned')
    expect((await historyOf(provider)).map(({ act }) => act)).toEqual(['assign', 'suspend', 'resume'])
  })

  test('refuses each step that does not follow, when it is proposed and again when it is carried out', async () => {
    await using _ = await createProvider(root, 'S3')
    const ask = { provider: 'S3' }
    expect(await refusalOfProposal(root, 'provider:resume', ask)).toBe('409 provider-state')
    expect(await refusalOfProposal(root, 'provider:suspend', { provider: 'ZZZ' })).toBe('404 entity-unknown')
    expect(await refusalOfProposal(root, 'provider:suspend', { ...ask, more: 1 })).toBe('400 request-invalid')
    const late = await root.propose('provider:suspend', ask)
    expect(await refusalOfProposal(root, 'provider:retire', ask)).toBe('409 proposal-pending')
    expect((await root.approve(late)).status).toBe(201)
    expect(await refusalOfProposal(root, 'provider:suspend', ask)).toBe('409 provider-state')
  })
})

describe('a provider that is retired', () => {
  test('is retired for ever: no act follows, and everything signed says so', async () => {
    await using provider = await createProvider(root, 'R1')
    await root.act('provider:retire', { provider: 'R1' })
    await untilVerdict(provider, 'provider-retired')
    await expect
      .poll(async () => (await appointmentOf(root, provider))?.state, { timeout: 20_000 })
      .toBe('retired')
    expect((await appointmentOf(root, provider))?.operator).toBeUndefined()
    expect((await directoryEntry(provider)).entry?.state).toBe('retired')
    expect(await liveAnswer(root, provider.prefix)).toMatchObject({ status: 'retired' })
    for (const kind of ['suspend', 'resume', 'retire'])
      expect(await refusalOfProposal(root, `provider:${kind}`, { provider: 'R1' })).toBe(
        '409 provider-retired',
      )
  })

  test('never gives its code again: not by the desk, not to proposals at once, not by a direct insert', async () => {
    await using provider = await createProvider(root, 'R4')
    await root.act('provider:retire', { provider: 'R4' })
    await using other = await createApplicant(root)
    await using third = await createApplicant(root)
    const first = await proposeFor(root, other, 'R4')
    expect(await refusalOf(await root.approve(first))).toBe('409 code-taken')
    await root
      .officer('ann')
      .post(`/v1/desk/proposals/${first.id}/withdraw`, { hash: first.hash, reason: 'x' })
    const proposals = await Promise.allSettled([
      proposeFor(root, third, 'R4'),
      proposeFor(root, await createApplicant(root), 'r4'),
    ])
    const pending = proposals.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    expect(pending).toHaveLength(1)
    for (const each of pending) expect(await refusalOf(await root.approve(each))).toBe('409 code-taken')
    const { db } = root.database
    const row = await db
      .selectFrom('provider')
      .selectAll()
      .where('entity_id', '=', provider.applicant.entityId)
      .executeTakeFirstOrThrow()
    const ledger = await db
      .selectFrom('code_ledger')
      .selectAll()
      .where('provider', '=', row.code)
      .executeTakeFirstOrThrow()
    await expect(db.insertInto('code_ledger').values(ledger).execute()).rejects.toThrow(/duplicate key|pkey/)
    await expect(
      db.updateTable('provider').set({ state: 'active' }).where('code', '=', row.code).execute(),
    ).rejects.toThrow(/retired for ever/)
    await expect(db.deleteFrom('provider').where('code', '=', row.code).execute()).rejects.toThrow(
      /denied|violates/,
    )
    expect((await appointmentOf(root, provider))?.provider_code).toBe('R4')
    expect((await assess(root, provider)).verdict).toBe('provider-retired')
  })
})

describe('the directory', () => {
  test('is signed, named in the configuration, cacheable, and its number grows only with what it says', async () => {
    const configuration = readEntityConfiguration(
      await (await root.get('/.well-known/openid-federation')).text(),
    )
    if (configuration.kind === 'rejected') throw new Error(configuration.detail)
    expect(configuration.claims.metadata.agent_code_root?.directory_uri).toBe(`${root.url}/v1/directory`)
    await using provider = await createProvider(root, 'D1')
    const first = await root.get('/v1/directory')
    expect(first.headers.get('content-type')).toBe('application/agent-code-directory+jwt')
    const etag = first.headers.get('etag') ?? ''
    const page = await verifyDirectoryPage(await first.text(), [root.keys.signer('federation').publicJwk])
    if (page.kind === 'rejected') throw new Error(page.detail)
    expect(page.claims).toMatchObject({ ttl: 60, page: 1, pages: 1 })
    expect(page.claims.exp - page.claims.iat).toBe(3600)
    expect((await root.get('/v1/directory', { 'if-none-match': etag })).status).toBe(304)
    expect(page.claims.entries.at(-1)).toMatchObject({ code: 'D1', entity_id: provider.applicant.entityId })
    await root.act('provider:suspend', { provider: 'D1' })
    const next = readDirectoryPage(await (await root.get('/v1/directory')).text())
    if (next.kind === 'rejected') throw new Error(next.detail)
    expect(next.claims.seq).toBe(page.claims.seq + 1)
    expect(next.claims.prev).not.toBeNull()
    expect((await root.get('/v1/directory?page=2')).status).toBe(400)
  })
})
