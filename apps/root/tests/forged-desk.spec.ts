import { connect } from '@arc3088/db'
import {
  decisionHash,
  formatDecision,
  recordHash,
  signDecision,
  signOfficerSet,
  type Decision,
} from '@arc3088/records'
import { hashTokenSecret, mintApiToken } from '@arc3088/service'
import type { Kysely } from 'kysely'
import { v7 } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { RootTables } from '../src/db/tables.ts'
import { ask, refusal } from './desk-people.ts'
import { startTestRoot, type TestProposal, type TestRoot } from './start-test-root.ts'
import { newSigner, readJson } from './test-applicant.ts'

/** Somebody who writes to the database with the role of the service, and has no officer's key. */
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

function claimsOf(proposal: TestProposal): Decision {
  return JSON.parse(Buffer.from(proposal.decision?.payload ?? '', 'base64url').toString()) as Decision
}

test('an officer whom SQL made proposes, and decides nothing by any route', async () => {
  const id = v7()
  const signer = await newSigner()
  const token = mintApiToken((length) => crypto.getRandomValues(new Uint8Array(length)))
  const at = new Date()
  await forger
    .insertInto('operator')
    .values({ id, name: 'eve', role: 'officer', created_at: at, disabled_at: null })
    .execute()
  await forger
    .insertInto('officer_key')
    .values({ kid: signer.kid, operator: id, jwk: JSON.stringify(signer.publicJwk), enrolled_at: at })
    .execute()
  await forger
    .insertInto('api_token')
    .values({
      id: token.id,
      secret_hash: hashTokenSecret(token.secret),
      principal_kind: 'operator',
      principal_id: id,
      created_at: at,
      expires_at: null,
      revoked_at: null,
    })
    .execute()
  const body = { kind: 'operator:add', ask: { name: 'mallory', role: 'clerk' }, reason: 'so' }
  const proposed = await ask(root, token.text, 'POST', '/v1/desk/proposals', body)
  expect(proposed.status).toBe(201)
  const own = (await proposed.json()) as TestProposal
  const signature = await signDecision(signer, claimsOf(own))
  const signing = { hash: own.hash, signature }
  expect(
    await refusal(await ask(root, token.text, 'POST', `/v1/desk/proposals/${own.id}/sign`, signing)),
  ).toEqual([403, 'officer-key-unknown'])
  // Officers may still decide about it, two of them; she never counts.
  const one = await root.approve(own, 'bo')
  expect([one.status, await readJson(one)]).toMatchObject([202, { signed: 1, needed: 2 }])

  const other = await root.propose('operator:add', { name: 'peggy', role: 'clerk' })
  const approval = {
    ...signing,
    hash: other.hash,
    reason: 'so',
    signature: await signDecision(signer, claimsOf(other)),
  }
  const approving = await fetch(`${root.url}/v1/desk/proposals/${other.id}/approve`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token.text}`,
      'content-type': 'application/json',
      'idempotency-key': v7(),
    },
    body: JSON.stringify(approval),
  })
  expect(await refusal(approving)).toEqual([403, 'officer-key-unknown'])
  const names = await root.database.db.selectFrom('operator').select('name').execute()
  expect(names.map(({ name }) => name)).not.toContain('mallory')
  expect(names.map(({ name }) => name)).not.toContain('peggy')
  // And into the set she comes by a decision of officers alone.
  const officers = [
    ...(['ann', 'bo'] as const).map((name) => ({ operator: root.officer(name).id })),
    { operator: id },
  ]
  const change = await root.propose('officers:change', { officers, threshold: 2 })
  const word = { hash: change.hash, reason: 'nobody enrolled her' }
  expect((await root.officer('bo').post(`/v1/desk/proposals/${change.id}/reject`, word)).status).toBe(200)
})

test('an officer set that SQL put after the first decides nothing, and no officer is asked under it', async () => {
  const [one, two, three] = [await newSigner(), await newSigner(), await newSigner()]
  const [first] = await root.root.deps.decisions.sets()
  const pending = await root.propose('operator:add', { name: 'victor', role: 'clerk' })
  // Its signature is the forger's: the federation key is not in the database.
  const jws = await signOfficerSet(one, {
    iss: root.url,
    iat: Math.floor(Date.now() / 1000),
    seq: 2,
    prev: first?.hash ?? null,
    threshold: 2,
    keys: [one, two, three].map(({ publicJwk }) => publicJwk),
    decision: 'A'.repeat(43),
  })
  const hash = await recordHash(jws)
  await forger.insertInto('officer_set').values({ seq: 2, hash, jws, created_at: new Date() }).execute()
  const claims = { ...claimsOf(pending), officer_set: hash }
  const decision = {
    payload: formatDecision(claims),
    signatures: await Promise.all([one, two].map((signer) => signDecision(signer, claims))),
  }
  const forged = await decisionHash(decision)
  await forger
    .insertInto('decision')
    .values({ proposal_id: pending.id, hash: forged, jws: JSON.stringify(decision), decided_at: new Date() })
    .execute()
  expect(await refusal(await root.get(`/v1/decisions/${forged}`))).toEqual([503, 'decision-unproven'])
  expect(await readJson(await root.get('/v1/officer-sets'))).toEqual({ officer_sets: [first?.jws] })
  // What the forger wrote in the place of its decision stops this one proposal, and is named for what it is.
  expect(await refusal(await root.approve(pending))).toEqual([503, 'decision-unproven'])
  const asForger = await root.approve(pending, 'bo', { signer: one, key: v7() })
  expect(await refusal(asForger)).toEqual([403, 'officer-key-unknown'])
  expect(await root.root.deps.decisions.verified(['operator:add'])).toEqual([])
})
