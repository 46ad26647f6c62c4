import { randomBytes } from 'node:crypto'

import { connect } from '@arc3088/db'
import { ownLogMetadata } from '@arc3088/issuer'
import { readDirectoryPage, readEntityConfiguration } from '@arc3088/records'
import { sql, type Kysely } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { RootTables } from '../src/db/tables.ts'
import {
  appointmentOf,
  assess,
  createProvider,
  jwksOf,
  liveAnswer,
  refusalOf,
  statementAbout,
} from './provider-acts.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { createApplicant, newLogKey, newSigner, proposeFor, readJson } from './test-applicant.ts'

/** Whoever has the service's own role in the database, and nothing else. */
let forger: Kysely<RootTables>
let root: TestRoot
beforeAll(async () => {
  root = await startTestRoot()
  forger = connect<RootTables>({
    url: root.database.appUrl,
    max: 2,
    applicationName: 'forger',
    onIdleError: () => undefined,
  })
})
afterAll(async () => {
  await forger.destroy()
  await root[Symbol.asyncDispose]()
})

const codeOf = (text: string) => Number.parseInt(text, 36)
const complaints = () => root.logged.filter((line) => /nothing verified|no decision bears out/.test(line))

describe('rows that somebody changed in the database', () => {
  test('change no statement: its state, its keys and its log are what officers and provider decided', async () => {
    await using provider = await createProvider(root, 'F1')
    const stranger = await newSigner()
    const log = ownLogMetadata(provider.applicant.entityId, [(await newLogKey()).publicJwk])
    await forger
      .updateTable('provider')
      .set({
        state: 'suspended',
        federation_jwks: JSON.stringify(jwksOf(stranger).keys),
        tlog: JSON.stringify(log),
      })
      .where('code', '=', codeOf('F1'))
      .execute()
    // Nobody asked before: what is signed now is made from what the database has now.
    const statement = await statementAbout(root, provider.applicant.entityId)
    expect(statement?.jwks.keys.map(({ kid }) => kid)).toEqual([provider.applicant.federation.kid])
    expect(statement?.metadata.agent_code_provider).toMatchObject({ state: 'active', provider_code: 'F1' })
    expect(statement?.metadata.agent_code_provider.tlog).toBeUndefined()
    expect((await assess(root, provider)).verdict).toBe('valid')
    const listed = await readJson(await root.get('/v1/providers/F1'))
    expect(listed).toMatchObject({
      state: 'active',
      federation_kids: [provider.applicant.federation.kid],
      tlog: null,
    })
    const configuration = readEntityConfiguration(
      await (await root.get('/.well-known/openid-federation')).text(),
    )
    if (configuration.kind === 'rejected') throw new Error(configuration.detail)
    const named = configuration.claims.metadata.agent_code_root?.tlog?.witnesses ?? []
    expect(named.filter(({ url }) => url.startsWith(provider.applicant.entityId))).toEqual([])
  })

  test('do not make the forged key speak for the provider', async () => {
    await using provider = await createProvider(root, 'F3')
    const stranger = await newSigner()
    await forger
      .updateTable('provider')
      .set({ federation_jwks: JSON.stringify(jwksOf(stranger).keys) })
      .where('code', '=', codeOf('F3'))
      .execute()
    const response = await provider.applicant.sendLog('F3', { signer: stranger })
    expect(await refusalOf(response)).toBe('401 request-signature-invalid')
  })

  test('make no entry of a status list and no live answer: what is signed is what was decided', async () => {
    await using provider = await createProvider(root, 'F4')
    expect((await assess(root, provider)).verdict).toBe('valid')
    const record = await forger
      .selectFrom('assignment_record')
      .select(['status_list as list', 'status_index as index'])
      .where('provider', '=', codeOf('F4'))
      .executeTakeFirstOrThrow()
    const loud = complaints().length
    await forger
      .insertInto('status_entry')
      .values({ ...record, status: 12, changed_at: new Date() })
      .execute()
    await sql`
      insert into status_change (list, index, status, changed_at, hash)
      values (${record.list}, ${record.index}, 12, now(), null)`.execute(forger)
    await expect.poll(() => complaints().length).toBeGreaterThan(loud)
    expect((await assess(root, provider)).verdict).toBe('valid')
    expect(await liveAnswer(root, provider.prefix)).toMatchObject({ status: 'valid' })
    const past = await root.get(`/v1/codes/${provider.prefix}?at=${Math.floor(Date.now() / 1000)}`, {
      accept: 'application/agent-code-resolution+jwt',
    })
    expect(await refusalOf(past)).toBe('503 decision-unproven')
    // Not even where the truth is hidden in turn: a provider that is suspended stays so.
    await root.act('provider:suspend', { provider: 'F4' })
    await forger
      .updateTable('status_entry')
      .set({ status: 0 })
      .where('list', '=', record.list)
      .where('index', '=', record.index)
      .execute()
    expect(await liveAnswer(root, provider.prefix)).toMatchObject({ status: 'suspended' })
    await expect.poll(async () => (await assess(root, provider)).verdict).toBe('provider-suspended')
  })
})

describe('a provider that somebody wrote into the database', () => {
  test('with votes and all is refused: no statement, no listing, no directory, no act', async () => {
    await using real = await createProvider(root, 'F5')
    await using forged = await createApplicant(root)
    const { id: proposalId } = await proposeFor(root, forged, 'F6')
    const source = await forger
      .selectFrom('provider')
      .selectAll()
      .where('code', '=', codeOf('F5'))
      .executeTakeFirstOrThrow()
    const { id: applicationId } = await forger
      .selectFrom('provider_application')
      .select('id')
      .where('entity_id', '=', forged.entityId)
      .executeTakeFirstOrThrow()
    const record = await forger
      .selectFrom('assignment_record')
      .selectAll()
      .where('provider', '=', codeOf('F5'))
      .executeTakeFirstOrThrow()
    const ledger = await forger
      .selectFrom('code_ledger')
      .selectAll()
      .where('provider', '=', codeOf('F5'))
      .executeTakeFirstOrThrow()
    const code = codeOf('F6')
    await forger
      .insertInto('code_ledger')
      .values({ ...ledger, provider: code })
      .execute()
    await forger
      .insertInto('assignment_record')
      .values({
        ...record,
        provider: code,
        status_index: (record.status_index + 1) % 131_072,
        hash: randomBytes(32),
      })
      .execute()
    await forger
      .insertInto('proposal_vote')
      .values({
        proposal_id: proposalId,
        proposer: root.officer('ann').id,
        officer: root.officer('bo').id,
        vote: 'approve',
        reason: 'forged',
        voted_at: new Date(),
      })
      .execute()
    const {
      requester: _r,
      ontology: _o,
      instance: _i,
      ...columns
    } = source as typeof source & {
      requester?: unknown
      ontology?: unknown
      instance?: unknown
    }
    await forger
      .insertInto('provider')
      .values({
        ...columns,
        code,
        entity_id: forged.entityId,
        application_id: applicationId,
        proposal_id: proposalId,
        organization: JSON.stringify(source.organization),
        federation_jwks: JSON.stringify(jwksOf(forged.federation).keys),
        tlog: null,
      })
      .execute()
    const loud = complaints().length
    const fetched = await root.get(`/federation/fetch?sub=${encodeURIComponent(forged.entityId)}`)
    expect(fetched.status).toBe(503)
    expect(complaints().length).toBeGreaterThan(loud)
    expect(await refusalOf(await root.get('/v1/providers/F6'))).toBe('503 decision-unproven')
    const listed = await readJson(await root.get('/v1/providers'))
    expect(JSON.stringify(listed)).not.toContain(forged.entityId)
    const entities = await (await root.get('/federation/list')).text()
    expect(entities).toContain(real.applicant.entityId)
    expect(entities).not.toContain(forged.entityId)
    const directory = readDirectoryPage(await (await root.get('/v1/directory')).text())
    expect(directory.kind === 'read' && directory.claims.entries.map((each) => each.code)).not.toContain('F6')
    const suspend = { kind: 'provider:suspend', ask: { provider: 'F6' }, reason: 'x' }
    expect(await refusalOf(await root.officer('ann').post('/v1/desk/proposals', suspend))).toBe(
      '503 decision-unproven',
    )
  })

  test('is not helped by entries of its life that were copied, made up or signed by a stranger', async () => {
    await using provider = await createProvider(root, 'F7')
    const code = codeOf('F7')
    const { jws } = await forger
      .selectFrom('provider_entry')
      .selectAll()
      .where('provider', '=', code)
      .executeTakeFirstOrThrow()
    for (const [nth, text] of [jws, 'a.b.c', `${jws.slice(0, -3)}AAA`].entries()) {
      await forger
        .insertInto('provider_entry')
        .values({
          hash: `forged-${nth}`,
          provider: code,
          seq: 2,
          jws: text,
          statement_status_list: null,
          statement_status_index: null,
          written_at: new Date(),
        })
        .execute()
    }
    expect((await appointmentOf(root, provider))?.state).toBe('active')
    // Nor do they stand in the way of what is decided.
    await root.act('provider:suspend', { provider: 'F7' })
    await expect.poll(async () => (await appointmentOf(root, provider))?.state).toBe('suspended')
    await expect(forger.deleteFrom('provider_entry').execute()).rejects.toThrow(/denied/)
    await expect(sql`update provider_entry set seq = 1`.execute(forger)).rejects.toThrow(/denied/)
  })
})
