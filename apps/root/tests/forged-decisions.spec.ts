import { connect } from '@arc3088/db'
import { ownLogMetadata } from '@arc3088/issuer'
import {
  decisionHash,
  formatDecision,
  jcsDigest,
  signDecision,
  type Decision,
  type GeneralJws,
  type OwnLog,
  type PublicJwk,
} from '@arc3088/records'
import { sql, type Kysely } from 'kysely'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { RootTables } from '../src/db/tables.ts'
import { startTestRoot, type TestProposal, type TestRoot } from './start-test-root.ts'
import { createApplicant, newLogKey, newSigner, proposeFor, readJson } from './test-applicant.ts'

let root: TestRoot
let forger: Kysely<RootTables>
beforeAll(async () => {
  root = await startTestRoot()
  forger = connect<RootTables>({
    url: root.database.appUrl,
    max: 1,
    applicationName: 'forger',
    onIdleError: () => undefined,
  })
})
afterAll(async () => {
  await forger.destroy()
  await root[Symbol.asyncDispose]()
})

/** A proposal that its proposer has not signed. */
async function unsignedProposal(code: string): Promise<TestProposal> {
  await using applicant = await createApplicant(root)
  const { id } = await readJson(await applicant.apply())
  await root.officer('clerk').post(`/v1/desk/applications/${String(id)}/take`, {})
  const ask = { application_id: id, code }
  const body = { kind: 'provider:assign', ask, reason: 'complete' }
  return (await (await root.officer('ann').post('/v1/desk/proposals', body)).json()) as TestProposal
}

function claimsOf(proposal: TestProposal): Decision {
  return JSON.parse(Buffer.from(proposal.decision?.payload ?? '', 'base64url').toString()) as Decision
}

/** How an approval was answered, and the code that it was about. */
async function comesTo(answer: Response, code: string): Promise<unknown[]> {
  const served = await root.get(`/v1/codes/1.2.156.3088.1.${code}`)
  return [answer.status, (await readJson(answer))['code'], served.status]
}
const NOTHING = [503, 'decision-unproven', 404]

describe('one officer with rows written past the service, as its own role', () => {
  test('has no other officer’s signature by writing one', async () => {
    const proposal = await unsignedProposal('A1')
    // Good in form, and by another key than it says.
    const { protected: header } = await signDecision(root.officerKey('ann'), claimsOf(proposal))
    const { signature } = await signDecision(root.officerKey('bo'), claimsOf(proposal))
    await forger
      .insertInto('proposal_signature')
      .values({
        proposal_id: proposal.id,
        officer: root.officer('ann').id,
        kid: root.officerKey('ann').kid,
        protected: header,
        signature,
        key_hash: null,
        body_hash: null,
        signed_at: new Date(),
      })
      .execute()
    expect(await comesTo(await root.approve(proposal), 'A1')).toEqual(NOTHING)
  })

  test('has nothing carried out under the hash of something else', async () => {
    const { payload } = await unsignedProposal('A2')
    const [id, signed] = [v7(), { provider: 'A2' }]
    const set = await root.root.deps.decisions.currentSet()
    await sql`
      insert into proposal (id, kind, payload, payload_hash, proposer, proposed_at, expires_at, officer_set)
      values (${id}, 'provider:assign', ${JSON.stringify(payload)}::jsonb,
        ${await jcsDigest({ kind: 'provider:assign', payload: signed })}, ${root.officer('ann').id},
        now(), now() + interval '1 day', ${set.hash})`.execute(forger)
    expect((await root.officer('ann').get(`/v1/desk/proposals/${id}`)).status).toBe(503)
    // Officers whose own program does not look at what the desk shows, and a desk that shows it.
    const kind = 'provider:assign'
    const hash = await jcsDigest({ kind, payload: signed })
    const exp = Math.floor(Date.now() / 1000) + 86_400
    const claims: Decision = { iss: root.url, proposal: id, kind, hash, officer_set: set.hash, exp }
    const unread = { id, kind, payload: signed, hash, decision: { payload: formatDecision(claims) } }
    expect((await root.sign(unread)).status).toBe(503)
    expect(await comesTo(await root.approve(unread), 'A2')).toEqual(NOTHING)
  })

  test.each(['withdraw', 'reject'] as const)('revives nothing that ended by %s', async (act) => {
    await using applicant = await createApplicant(root)
    const code = act === 'withdraw' ? 'A4' : 'A5'
    const proposal = await proposeFor(root, applicant, code)
    const claims = claimsOf(proposal)
    const jws: GeneralJws = {
      payload: proposal.decision?.payload ?? '',
      signatures: await Promise.all(
        (['ann', 'bo'] as const).map((name) => signDecision(root.officerKey(name), claims)),
      ),
    }
    const who = act === 'withdraw' ? 'ann' : 'cy'
    const word = { hash: proposal.hash, reason: 'it was a mistake' }
    const ended = await root.officer(who).post(`/v1/desk/proposals/${proposal.id}/${act}`, word)
    expect(ended.status).toBe(200)
    const hash = await decisionHash(jws)
    await forger
      .insertInto('decision')
      .values({ proposal_id: proposal.id, hash, jws: JSON.stringify(jws), decided_at: new Date() })
      .execute()
    expect((await root.get(`/v1/decisions/${hash}`)).status).toBe(503)
    expect(await root.root.deps.decisions.verified(['provider:assign'])).not.toContainEqual(
      expect.objectContaining({ proposalId: proposal.id }),
    )
    await expect(
      forger.updateTable('proposal').set({ state: 'approved' }).where('id', '=', proposal.id).execute(),
    ).rejects.toThrow('stays written')
  })

  test('revives nothing whose time was over', async () => {
    await using applicant = await createApplicant(root)
    const proposal = await proposeFor(root, applicant, 'A3')
    const claims = claimsOf(proposal)
    const jws: GeneralJws = {
      payload: proposal.decision?.payload ?? '',
      signatures: await Promise.all(
        (['ann', 'bo'] as const).map((name) => signDecision(root.officerKey(name), claims)),
      ),
    }
    const hash = await decisionHash(jws)
    const decided_at = new Date((claims.exp + 1) * 1000)
    await forger
      .insertInto('decision')
      .values({ proposal_id: proposal.id, hash, jws: JSON.stringify(jws), decided_at })
      .execute()
    expect((await root.get(`/v1/decisions/${hash}`)).status).toBe(503)
  })
})

describe('an application that rows were written about', () => {
  test.each([
    ['other keys', 'K1', async () => ({ keys: [(await newSigner()).publicJwk] })],
    [
      'another key beside its own',
      'K2',
      async (own: PublicJwk) => ({ keys: [own, (await newSigner()).publicJwk] }),
    ],
    [
      'a log that is not its own',
      'K3',
      async () => ({ log: ownLogMetadata(root.url, [(await newLogKey()).publicJwk]) }),
    ],
  ])('with %s is not proposed: what stands at its address is looked at again', async (_, code, make) => {
    await using applicant = await createApplicant(root)
    const { id } = await readJson(await applicant.apply())
    await root.officer('clerk').post(`/v1/desk/applications/${String(id)}/take`, {})
    const forged: { keys?: readonly PublicJwk[]; log?: OwnLog } = await make(applicant.federation.publicJwk)
    await forger
      .updateTable('provider_application')
      .set({
        ...(forged.keys === undefined ? {} : { federation_jwks: JSON.stringify(forged.keys) }),
        ...(forged.log === undefined ? {} : { tlog: JSON.stringify(forged.log) }),
      })
      .where('id', '=', String(id))
      .execute()
    const body = { kind: 'provider:assign', ask: { application_id: id, code }, reason: 'complete' }
    const answer = await root.officer('ann').post('/v1/desk/proposals', body)
    expect([answer.status, (await readJson(answer))['code']]).toEqual([422, 'applicant-unverified'])
  })
})
