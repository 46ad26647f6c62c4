import { connect } from '@arc3088/db'
import { enrolOfficers, issuerTables } from '@arc3088/issuer'
import {
  decisionHash,
  formatDecision,
  jcsDigest,
  readAssignmentRecord,
  recordHash,
  signDecision,
  verifyDecision,
  verifyOfficerSet,
  type Decision,
  type GeneralJws,
} from '@arc3088/records'
import { systemAmbient } from '@arc3088/service'
import { sql } from 'kysely'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { RootTables } from '../src/db/tables.ts'
import { startTestRoot, type TestProposal, type TestRoot } from './start-test-root.ts'
import { createApplicant, newSigner, outcomeOf, proposeFor, readJson } from './test-applicant.ts'

let root: TestRoot
beforeAll(async () => {
  root = await startTestRoot()
})
afterAll(async () => {
  await root[Symbol.asyncDispose]()
})

/** What a refusal is called, with its status. */
async function refusal(response: Response): Promise<[number, unknown]> {
  return [response.status, (await readJson(response))['code']]
}

async function unsignedProposal(code: string): Promise<TestProposal> {
  await using applicant = await createApplicant(root)
  const { id } = await readJson(await applicant.apply())
  await root.officer('clerk').post(`/v1/desk/applications/${String(id)}/take`, {})
  const ask = { application_id: id, code }
  const body = { kind: 'provider:assign', ask, reason: 'complete' }
  const response = await root.officer('ann').post('/v1/desk/proposals', body)
  return (await response.json()) as TestProposal
}

describe('what officers decided', () => {
  test('can be checked by anybody: the record names the decision, and keys that are published signed it', async () => {
    await using applicant = await createApplicant(root)
    const { record } = await outcomeOf(await root.approve(await proposeFor(root, applicant, 'A1')))
    const read = readAssignmentRecord(String(record))
    if (read.kind === 'rejected') throw new Error(read.detail)
    const hash = read.claims.code_assignment.decision?.replace('sha-256:', '') ?? ''
    const shown = await readJson(await root.get(`/v1/decisions/${hash}`))
    const { officer_sets: sets } = (await (await root.get('/v1/officer-sets')).json()) as {
      officer_sets: string[]
    }
    const [jws = ''] = sets
    const set = await verifyOfficerSet(jws, [root.keys.signer('federation').publicJwk])
    if (set.kind === 'rejected') throw new Error(set.detail)
    const decision = shown['decision'] as GeneralJws
    const verified = await verifyDecision(decision, { claims: set.claims, hash: await recordHash(jws) })
    expect(verified).toMatchObject({ kind: 'verified', claims: { kind: 'provider:assign' } })
    expect(await decisionHash(decision)).toBe(hash)
    const { kind, payload } = shown
    expect(verified.kind === 'verified' && verified.claims.hash).toBe(await jcsDigest({ kind, payload }))
    expect(payload).toMatchObject({ code: 'A1', entity_id: applicant.entityId })
    // Keys, never names.
    expect(JSON.stringify(set.claims)).not.toContain('ann')
  })

  test('that is not there is not found, and what is no hash is no question', async () => {
    expect(await refusal(await root.get(`/v1/decisions/${'A'.repeat(43)}`))).toEqual([
      404,
      'decision-not-found',
    ])
    expect((await root.get('/v1/decisions/x')).status).toBe(400)
  })
})

describe('one officer alone', () => {
  test('opens a proposal with her signature first: before it nobody can approve', async () => {
    const proposal = await unsignedProposal('B1')
    expect(await refusal(await root.approve(proposal))).toEqual([409, 'proposal-unsigned'])
    expect((await root.sign(proposal)).status).toBe(200)
    expect((await root.sign(proposal)).status).toBe(200)
    expect((await root.approve(proposal)).status).toBe(201)
  })

  test('cannot approve her own, sign for another, or use another’s key', async () => {
    await using applicant = await createApplicant(root)
    const proposal = await proposeFor(root, applicant, 'B2')
    expect(await refusal(await root.approve(proposal, 'ann'))).toEqual([403, 'proposer-approves'])
    expect(await refusal(await root.sign(proposal, 'bo'))).toEqual([403, 'not-the-proposer'])
    const withHers = await root.approve(proposal, 'bo', { signer: root.officerKey('ann') })
    expect(await refusal(withHers)).toEqual([403, 'officer-key-unknown'])
    const withStranger = await root.approve(proposal, 'bo', { signer: await newSigner() })
    expect(await refusal(withStranger)).toEqual([403, 'officer-key-unknown'])
    expect((await root.approve(proposal)).status).toBe(201)
  })

  test('cannot pass off a signature over something else', async () => {
    await using applicant = await createApplicant(root)
    await using another = await createApplicant(root)
    const proposal = await proposeFor(root, applicant, 'B3')
    const elsewhere = await proposeFor(root, another, 'B4')
    const claims = claimsOf(elsewhere)
    const signature = await signDecision(root.officerKey('bo'), claims)
    const path = `/v1/desk/proposals/${proposal.id}/approve`
    const body = { hash: proposal.hash, reason: 'checked', signature }
    const answer = await root.officer('bo').post(path, body, { 'idempotency-key': v7() })
    expect(await refusal(answer)).toEqual([422, 'decision-signature-invalid'])
  })

  test.each(['clerk', 'auditor', 'administrator'] as const)(
    'who is only %s decides nothing',
    async (role) => {
      const proposal = await unsignedProposal(`C${role.length.toString(36).toUpperCase()}`)
      for (const way of ['approve', 'reject'])
        expect(
          (await root.officer(role).post(`/v1/desk/proposals/${proposal.id}/${way}`, { hash: proposal.hash }))
            .status,
        ).toBe(403)
    },
  )
})

describe('a proposal', () => {
  test('is taken back by its proposer alone, and can be made again', async () => {
    await using applicant = await createApplicant(root)
    const proposal = await proposeFor(root, applicant, 'D1')
    const word = { hash: proposal.hash, reason: 'too early' }
    const path = `/v1/desk/proposals/${proposal.id}/withdraw`
    expect(await refusal(await root.officer('bo').post(path, word))).toEqual([403, 'not-the-proposer'])
    expect(await readJson(await root.officer('ann').post(path, word))).toMatchObject({ state: 'withdrawn' })
    expect(await refusal(await root.approve(proposal))).toEqual([409, 'proposal-decided'])
    const again = await root.propose('provider:assign', {
      application_id: proposal.applicationId,
      code: 'D1',
    })
    expect((await root.approve(again)).status).toBe(201)
  })

  test('answers a retried approval under its key, and refuses another request under it', async () => {
    await using applicant = await createApplicant(root)
    const proposal = await proposeFor(root, applicant, 'D2')
    const first = await root.approve(proposal)
    const [text, replayed] = [await first.text(), first.headers.get('idempotency-replayed')]
    const retry = await root.approve(proposal)
    // Another signature of the same key over the same words: the same approval.
    expect([await retry.text(), retry.headers.get('idempotency-replayed'), replayed]).toEqual([
      text,
      'true',
      null,
    ])
    const other = await root.approve(proposal, 'bo', { reason: 'other words' })
    expect(await refusal(other)).toEqual([422, 'idempotency-key-reused'])
    expect(await refusal(await root.approve(proposal, 'bo', { key: v7() }))).toEqual([
      409,
      'proposal-decided',
    ])
  })

  test.each([
    ['of no kind that there is', { kind: 'provider:forget', ask: {} }, 400, 'act-unknown'],
    [
      'that asks for what the act does not know',
      { kind: 'provider:assign', ask: { x: 1 } },
      400,
      'request-invalid',
    ],
    [
      'about nobody',
      { kind: 'provider:assign', ask: { application_id: v7() } },
      404,
      'application-not-found',
    ],
  ])('%s is refused', async (_, body, status, code) => {
    const answer = await root.officer('ann').post('/v1/desk/proposals', { ...body, reason: 'so' })
    expect(await refusal(answer)).toEqual([status, code])
  })
})

describe('rows written past the service, as its own role', () => {
  test('make nobody an officer, and a decision of theirs is none', async () => {
    await using applicant = await createApplicant(root)
    const proposal = await proposeFor(root, applicant, 'F1')
    const db = connect<RootTables>({
      url: root.database.appUrl,
      max: 1,
      applicationName: 'forger',
      onIdleError: () => undefined,
    })
    try {
      const [one, other] = [await newSigner(), await newSigner()]
      const claims = claimsOf(proposal)
      const jws = {
        payload: formatDecision(claims),
        signatures: await Promise.all([one, other].map((signer) => signDecision(signer, claims))),
      }
      const hash = await decisionHash(jws)
      await db
        .insertInto('officer_key')
        .values(
          [one, other].map(({ kid, publicJwk }) => ({
            kid,
            operator: root.officer('bo').id,
            jwk: JSON.stringify(publicJwk),
            enrolled_at: new Date(),
          })),
        )
        .execute()
      await db
        .insertInto('proposal_vote')
        .values({
          proposal_id: proposal.id,
          proposer: root.officer('ann').id,
          officer: root.officer('bo').id,
          vote: 'approve',
          reason: 'forged',
          voted_at: new Date(),
        })
        .execute()
      await db
        .insertInto('decision')
        .values({ proposal_id: proposal.id, hash, jws: JSON.stringify(jws), decided_at: new Date() })
        .execute()
      expect(await refusal(await root.get(`/v1/decisions/${hash}`))).toEqual([503, 'decision-unproven'])
      const proven = await root.root.deps.decisions.verified(['provider:assign'])
      expect(proven.map(({ proposalId }) => proposalId)).not.toContain(proposal.id)
      expect(root.logged.some((line) => line.includes('a decision is not borne out'))).toBe(true)
      // The forger's key is known to the table, and still no officer's: the set that is pinned decides.
      const approval = await root.approve(proposal, 'bo', { signer: one, key: v7() })
      expect(approval.status).toBe(403)
    } finally {
      await db.destroy()
    }
  })

  test('neither stop the officers nor keep the set that they decide from being made', async () => {
    await sql`
      insert into officer_set (seq, hash, jws, created_at)
      values (2, ${'F'.repeat(43)}, 'e30.e30.e30', now())`.execute(root.database.db)
    await using applicant = await createApplicant(root)
    const approval = await root.approve(await proposeFor(root, applicant, 'F3'))
    expect(approval.status).toBe(201)
    const officers = (['ann', 'bo', 'cy'] as const).map((name) => ({ operator: root.officer(name).id }))
    const outcome = await root.act('officers:change', { officers, threshold: 2 })
    const set = await root.root.deps.decisions.currentSet()
    expect([set.claims.seq, set.hash]).toEqual([2, outcome['officer_set']])
  })

  test('change no application between its proposal and its approval unnoticed', async () => {
    await using applicant = await createApplicant(root)
    const proposal = await proposeFor(root, applicant, 'F2')
    await sql`
      update provider_application set organization = '{"name":"Another","country":"CN"}'
      where id = ${proposal.applicationId}`.execute(root.database.db)
    expect(await refusal(await root.approve(proposal))).toEqual([409, 'proposal-changed'])
    const code = await root.get('/v1/codes/1.2.156.3088.1.F2')
    expect(code.status).toBe(404)
  })

  test('cannot choose where a decision stands, or change one', async () => {
    const db = connect<RootTables>({
      url: root.database.appUrl,
      max: 1,
      applicationName: 'forger',
      onIdleError: () => undefined,
    })
    try {
      const forged = sql`
        insert into decision (ordinal, proposal_id, hash, jws, decided_at) overriding system value
        values (1, ${v7()}, 'x', '{}', now())`.execute(db)
      await expect(forged).rejects.toMatchObject({ code: '42501' })
      await expect(db.deleteFrom('decision').execute()).rejects.toMatchObject({ code: '42501' })
      await expect(db.deleteFrom('officer_set').execute()).rejects.toMatchObject({ code: '42501' })
    } finally {
      await db.destroy()
    }
  })
})

describe('the ceremony', () => {
  test('is held once; whoever lost all tokens gets new ones, and stays who they are', async () => {
    const parts = {
      db: issuerTables(root.database.db),
      ambient: systemAmbient(),
      entityId: root.url,
      keysDir: root.keys.directory,
      signer: root.keys.signer('federation'),
    }
    const officers = (['ann', 'bo', 'cy'] as const).map((name) => ({
      name,
      jwk: root.officerKey(name).publicJwk,
    }))
    await expect(enrolOfficers(parts, { officers, threshold: 2 })).rejects.toMatchObject({
      code: 'operator-exists',
    })
    const again = await enrolOfficers(parts, { officers, threshold: 2, recover: true })
    expect(again.map(({ id }) => id)).toEqual(
      (['ann', 'bo', 'cy'] as const).map((name) => root.officer(name).id),
    )
    const headers = { authorization: `Bearer ${again[0]?.token ?? ''}` }
    expect((await root.get('/v1/desk/proposals', headers)).status).toBe(200)
    const stranger = [{ name: 'eve', jwk: (await newSigner()).publicJwk }]
    await expect(
      enrolOfficers(parts, { officers: stranger, threshold: 2, recover: true }),
    ).rejects.toMatchObject({ code: 'officer-key-unknown' })
  })
})

function claimsOf(proposal: TestProposal): Decision {
  const text = Buffer.from(proposal.decision?.payload ?? '', 'base64url').toString()
  return JSON.parse(text) as Decision
}
