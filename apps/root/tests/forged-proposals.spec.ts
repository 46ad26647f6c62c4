import { connect } from '@arc3088/db'
import { jcsDigest } from '@arc3088/records'
import { sql, type Kysely } from 'kysely'
import { v7 } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { RootTables } from '../src/db/tables.ts'
import { createProvider, refusalOf } from './provider-acts.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { createApplicant, readJson } from './test-applicant.ts'

/** Somebody who writes to the database with the role of the service. */
let root: TestRoot
let forger: Kysely<RootTables>
beforeAll(async () => {
  root = await startTestRoot()
  const { appUrl: url } = root.database
  forger = connect<RootTables>({ url, max: 1, applicationName: 'forger', onIdleError: () => undefined })
})
afterAll(async () => {
  await forger.destroy()
  await root[Symbol.asyncDispose]()
})

const KIND = 'foreign-root:unpin'
const digest = async (payload: unknown) => await jcsDigest({ kind: KIND, payload })

/** What may stand in a row that nobody at the desk wrote. */
interface Forged {
  readonly payload?: unknown
  readonly hash?: string
  readonly set?: string
  readonly expires?: string
}
const ROWS: readonly [string, () => Promise<Forged>][] = [
  ['a payload that is a text', async () => ({ payload: 'x', hash: await digest('x') })],
  ['a payload that is nothing', async () => ({ payload: null, hash: await digest(null) })],
  ['a hash that is none', () => Promise.resolve({ payload: {}, hash: 'x' })],
  ['a set of officers that is none', async () => ({ hash: await digest({}), set: 'x' })],
  ['a time that never comes', async () => ({ hash: await digest({}), expires: 'infinity' })],
]

async function insertForged(
  id: string,
  { payload = {}, hash = '', set = 'A'.repeat(43), expires = '2099-01-01' }: Forged,
): Promise<void> {
  await sql`
    insert into proposal (id, kind, payload, payload_hash, proposer, proposed_at, expires_at, officer_set)
    values (${id}, ${KIND}, ${JSON.stringify(payload)}::jsonb, ${hash}, ${root.officer('ann').id}, now(),
      ${expires}::timestamptz, ${set})`.execute(forger)
}

test.each(ROWS)(
  'a row with %s is left out of the page, which goes on, and is refused by itself',
  async (_, make) => {
    const real = await root.propose('operator:add', { name: `real-${v7()}`, role: 'clerk' })
    const id = v7()
    await insertForged(id, await make())
    const page = await root.officer('auditor').get('/v1/desk/proposals?limit=2')
    expect(page.status).toBe(200)
    expect(await readJson(page)).toMatchObject({ items: [{ id: real.id }], next: real.id })
    expect(
      root.logged.some((line) => line.includes(id) && line.includes('not one that this desk wrote')),
    ).toBe(true)
    const path = `/v1/desk/proposals/${id}`
    expect(await refusalOf(await root.officer('auditor').get(path))).toBe('503 decision-unproven')
    const word = { hash: `sha-256:${'A'.repeat(43)}`, reason: 'checked' }
    const signature = { protected: 'e30', signature: 'AA' }
    for (const [who, act, body] of [
      ['ann', 'sign', { hash: word.hash, signature }],
      ['bo', 'reject', word],
      ['ann', 'withdraw', word],
    ] as const)
      expect(await refusalOf(await root.officer(who).post(`${path}/${act}`, body))).toBe(
        '503 decision-unproven',
      )
    const key = { 'idempotency-key': id }
    const approval = await root.officer('bo').post(`${path}/approve`, { ...word, signature }, key)
    expect(await refusalOf(approval)).toBe('503 decision-unproven')
  },
)

test('a payload that its act does not take is not looked at any further', async () => {
  const set = await root.root.deps.decisions.currentSet()
  const id = v7()
  await sql`
    insert into proposal (id, kind, payload, payload_hash, proposer, proposed_at, expires_at, officer_set)
    values (${id}, 'provider:move', '{}'::jsonb, ${await jcsDigest({ kind: 'provider:move', payload: {} })},
      ${root.officer('ann').id}, now(), now() + interval '1 day', ${set.hash})`.execute(forger)
  const shown = await readJson(await root.officer('auditor').get(`/v1/desk/proposals/${id}`))
  const response = await root
    .officer('bo')
    .post(
      `/v1/desk/proposals/${id}/approve`,
      { hash: shown['hash'], reason: 'checked', signature: { protected: 'e30', signature: 'AA' } },
      { 'idempotency-key': id },
    )
  expect(await refusalOf(response)).toBe('503 decision-unproven')
})

test('a key of a provider, or of an applicant, is no officer’s own', async () => {
  await using provider = await createProvider(root, 'K1')
  await using applicant = await createApplicant(root)
  expect((await applicant.apply()).status).toBe(201)
  const { items } = (await (await root.officer('clerk').get('/v1/desk/applications')).json()) as {
    items: { id: string; entity_id: string }[]
  }
  const open = items.find((each) => each.entity_id === applicant.entityId)
  await root.officer('clerk').post(`/v1/desk/applications/${open?.id ?? ''}/take`, {})
  for (const { federation } of [provider.applicant, applicant]) {
    const ask = { name: 'eve', role: 'officer', jwk: federation.publicJwk }
    const asked = { kind: 'operator:add', ask, reason: 'asked' }
    const response = await root.officer('ann').post('/v1/desk/proposals', asked)
    expect(await refusalOf(response)).toContain('key-two-purposes')
  }
})

/** Proposes that the auditor goes, takes it back, and answers it with what it claimed. */
async function proposedBefore() {
  const proposal = await root.propose('operator:disable', { operator: root.officer('auditor').id })
  const claims = await forger
    .selectFrom('proposal_object')
    .select('object')
    .where('proposal_id', '=', proposal.id)
    .execute()
  const word = { hash: proposal.hash, reason: 'asked' }
  const withdrawn = await root.officer('ann').post(`/v1/desk/proposals/${proposal.id}/withdraw`, word)
  expect([withdrawn.status, claims.length]).toEqual([200, 1])
  return { id: proposal.id, objects: claims.map(({ object }) => object) }
}

async function claim(id: string, objects: readonly string[]): Promise<void> {
  for (const object of objects)
    await sql`insert into proposal_object (object, proposal_id) values (${object}, ${id})`.execute(forger)
}

test.each(ROWS)('a row with %s ends where it claims what somebody proposes about', async (_, make) => {
  const { objects } = await proposedBefore()
  const id = v7()
  await insertForged(id, await make())
  await claim(id, objects)
  await proposedBefore()
  const row = await sql<{ state: string }>`select state from proposal where id = ${id}`.execute(forger)
  expect(row.rows).toEqual([{ state: 'expired' }])
  const audited = await sql<{ act: string }>`select act from audit_entry
    where object = ${`proposal:${id}`}`.execute(forger)
  expect(audited.rows).toEqual([{ act: `void:${KIND}` }])
})

test('a proposal that has ended claims nothing, and a true one that is pending still does', async () => {
  const { id, objects } = await proposedBefore()
  await claim(id, objects)
  const ask = { operator: root.officer('auditor').id }
  await root.propose('operator:disable', ask)
  await expect(root.propose('operator:disable', ask)).rejects.toThrow('proposal-pending')
})
