import {
  recordHash,
  signShownProposal,
  verifyOfficerSet,
  type OfficerSet,
  type Signer,
} from '@arc3088/records'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { ask, refusal, sendProof, sessionOf, statuses } from './desk-people.ts'
import { startTestRoot, type OfficerName, type TestProposal, type TestRoot } from './start-test-root.ts'
import { newSigner, outcomeOf, readJson } from './test-applicant.ts'

let root: TestRoot
let killAt: string | undefined
let dee: { readonly id: string; readonly signer: Signer }
beforeAll(async () => {
  root = await startTestRoot({
    reached(step) {
      if (step !== killAt) return
      killAt = undefined
      throw new Error(`killed at ${step}`)
    },
  })
  const signer = await newSigner()
  const { operator } = await root.act('operator:add', { name: 'dee', role: 'officer', jwk: signer.publicJwk })
  dee = { id: String(operator), signer }
})
afterAll(async () => {
  await root[Symbol.asyncDispose]()
})

const NAMES = ['ann', 'bo', 'cy'] as const
const idOf = (name: OfficerName) => ({ operator: root.officer(name).id })
const everybody = () => [...NAMES.map(idOf), { operator: dee.id }]

/** The sets as anybody reads them, each verified. */
async function readSets(): Promise<{ claims: OfficerSet; hash: string }[]> {
  const { officer_sets: sets } = (await (await root.get('/v1/officer-sets')).json()) as {
    officer_sets: string[]
  }
  return await Promise.all(
    sets.map(async (jws) => {
      const verified = await verifyOfficerSet(jws, [root.keys.signer('federation').publicJwk])
      if (verified.kind === 'rejected') throw new Error(verified.detail)
      return { claims: verified.claims, hash: await recordHash(jws) }
    }),
  )
}

async function proposeAs(token: string, kind: string, asked: object): Promise<Response> {
  return await ask(root, token, 'POST', '/v1/desk/proposals', { kind, ask: asked, reason: 'as was asked' })
}

/** Dee's own approval, who has no token that a test root made. */
async function approveAsDee(proposal: TestProposal, token: string): Promise<Response> {
  const signature = await signShownProposal(dee.signer, proposal)
  return await fetch(`${root.url}/v1/desk/proposals/${proposal.id}/approve`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': v7(),
    },
    body: JSON.stringify({ hash: proposal.hash, reason: 'checked', signature }),
  })
}

describe('before the set names a key', () => {
  test('its officer begins no session, and there is no other way in', async () => {
    expect(await refusal(await sendProof(root, dee.signer))).toEqual([401, 'session-proof-invalid'])
    const administrator = root.officer('administrator').token
    const invited = await ask(root, administrator, 'POST', `/v1/desk/operators/${dee.id}/tokens`)
    expect(await refusal(invited)).toEqual([409, 'operator-begun'])
  })
})

describe('a change of officers', () => {
  test('is proposed by officers alone, and once at a time', async () => {
    const asked = { officers: everybody(), threshold: 2 }
    const byAdministrator = await proposeAs(root.officer('administrator').token, 'officers:change', asked)
    expect(await refusal(byAdministrator)).toEqual([403, 'forbidden'])
    const answers = await Promise.all(
      (['ann', 'bo'] as const).map((name) => proposeAs(root.officer(name).token, 'officers:change', asked)),
    )
    expect(statuses(answers)).toEqual([201, 409])
    const made = answers.findIndex(({ status }) => status === 201)
    const proposal = (await answers[made]?.json()) as TestProposal
    const word = { hash: proposal.hash, reason: 'only to see' }
    const by = root.officer(made === 0 ? 'ann' : 'bo')
    expect((await by.post(`/v1/desk/proposals/${proposal.id}/withdraw`, word)).status).toBe(200)
  })

  test.each(['officers:signed', 'officers:changed', 'approval:decided'])(
    'killed at %s is lost wholly, and the set in force decides on',
    async (step) => {
      const before = await readSets()
      const proposal = await root.propose('officers:change', { officers: everybody(), threshold: 2 })
      killAt = step
      expect((await root.approve(proposal)).status).toBe(500)
      expect(await readSets()).toEqual(before)
      const word = { hash: proposal.hash, reason: 'try again' }
      expect(
        (await root.officer('ann').post(`/v1/desk/proposals/${proposal.id}/withdraw`, word)).status,
      ).toBe(200)
    },
  )

  test('is the next set, exactly as decided; killed after the commit, it stands, and a retry says so', async () => {
    const other = await root.propose('operator:add', { name: 'late', role: 'clerk' })
    const thresholds = { 'operator:disable': 3 }
    const proposal = await root.propose('officers:change', {
      officers: everybody(),
      threshold: 2,
      thresholds,
    })
    killAt = 'approval:committed'
    expect((await root.approve(proposal)).status).toBe(500)
    const again = await root.approve(proposal)
    expect(again.status).toBe(201)
    const outcome = await outcomeOf(again)
    const [first, second] = await readSets()
    expect(second?.claims).toMatchObject({
      seq: 2,
      prev: first?.hash,
      threshold: 2,
      thresholds,
      keys: [...NAMES.map((name) => root.officerKey(name).publicJwk), dee.signer.publicJwk],
    })
    expect(outcome).toEqual({ seq: 2, officer_set: second?.hash })
    const decision = await readJson(await root.get(`/v1/decisions/${String(second?.claims.decision)}`))
    expect(decision).toMatchObject({ kind: 'officers:change', payload: { threshold: 2, thresholds } })
    const queued = await root.database.db
      .selectFrom('audit_entry')
      .select('detail')
      .where('object', '=', 'officer-set:2')
      .execute()
    expect(queued).toMatchObject([{ detail: { hash: second?.hash } }])
    // Those who were asked are no longer those who decide.
    expect(await refusal(await root.approve(other))).toEqual([409, 'proposal-decided'])
    const shown = await readJson(await root.officer('bo').get(`/v1/desk/proposals/${other.id}`))
    expect(shown['state']).toBe('expired')
  })

  test('stands in the log', async () => {
    const [, second] = await readSets()
    await expect
      .poll(async () => {
        const page = await (await root.get('/v1/changes?after=0')).text()
        return page.includes(second?.hash ?? 'none')
      })
      .toBe(true)
  })

  test('brings its officer in: she begins a session, and decides', async () => {
    const token = await sessionOf(root, dee.signer)
    const proposal = await root.propose('operator:add', { name: 'by dee', role: 'clerk' })
    expect((await approveAsDee(proposal, token)).status).toBe(201)
  })
})

describe('a kind of act that takes three officers', () => {
  test('waits for the third, whoever comes first, and counts nobody twice', async () => {
    const { operator } = await root.act('operator:add', { name: 'to go', role: 'clerk' })
    const proposal = await root.propose('operator:disable', { operator })
    const one = await root.approve(proposal, 'bo')
    expect([one.status, await readJson(one)]).toMatchObject([202, { signed: 2, needed: 3 }])
    expect((await root.approve(proposal, 'bo')).status).toBe(202)
    expect(await refusal(await root.approve(proposal, 'bo', { key: v7() }))).toEqual([
      409,
      'proposal-decided',
    ])
    const row = await root.database.db
      .selectFrom('operator')
      .select('disabled_at')
      .where('id', '=', String(operator))
      .executeTakeFirst()
    expect(row?.disabled_at).toBeNull()
    expect((await root.approve(proposal, 'cy')).status).toBe(201)
    // Its first two approvals are told what it came to.
    expect((await root.approve(proposal, 'bo')).status).toBe(201)
  })

  test('is carried out once when the last two come at once', async () => {
    const { operator } = await root.act('operator:add', { name: 'to go too', role: 'clerk' })
    const proposal = await root.propose('operator:disable', { operator })
    const answers = await Promise.all((['bo', 'cy'] as const).map((name) => root.approve(proposal, name)))
    expect(statuses(answers)).toEqual([201, 202])
    const entries = await root.database.db
      .selectFrom('audit_entry')
      .select('act')
      .where('object', '=', `operator:${String(operator)}`)
      .where('act', '=', 'operator:disable')
      .execute()
    expect(entries).toHaveLength(1)
  })
})

describe('an officer who goes', () => {
  test('does not end it by a rejection of her own', async () => {
    const proposal = await root.propose('officers:change', { officers: NAMES.map(idOf), threshold: 2 })
    const token = await sessionOf(root, dee.signer)
    const word = { hash: proposal.hash, reason: 'I stay' }
    const path = `/v1/desk/proposals/${proposal.id}/reject`
    expect(await refusal(await ask(root, token, 'POST', path, word))).toEqual([403, 'proposal-about-self'])
    expect((await root.officer('bo').post(path, word)).status).toBe(200)
  })

  test('decides nothing from the moment that she is disabled, also with a token that is still known', async () => {
    const token = await sessionOf(root, dee.signer)
    const proposal = await root.propose('operator:add', { name: 'undecided', role: 'clerk' })
    // Known to this process for some seconds.
    expect((await ask(root, token, 'GET', '/v1/desk/me')).status).toBe(200)
    await root.database.db
      .updateTable('operator')
      .set({ disabled_at: new Date() })
      .where('id', '=', dee.id)
      .execute()
    const [status, code] = await refusal(await approveAsDee(proposal, token))
    // By the lookup that is kept: past the guard, and refused where it counts.
    expect([403, 401]).toContain(status)
    expect(['operator-disabled', 'unauthenticated']).toContain(code)
    const signed = await root.database.db
      .selectFrom('proposal_signature')
      .select('officer')
      .where('proposal_id', '=', proposal.id)
      .execute()
    expect(signed).toEqual([{ officer: root.officer('ann').id }])
    const word = { hash: proposal.hash, reason: 'only to see' }
    expect((await root.officer('ann').post(`/v1/desk/proposals/${proposal.id}/withdraw`, word)).status).toBe(
      200,
    )
  })

  test('leaves the set by its next change alone, with her sessions', async () => {
    const last = (await readSets()).at(-1)
    expect(last?.claims.keys.map(({ kid }) => kid)).toContain(dee.signer.kid)
    const newKey = await newSigner()
    const session = await sessionOf(root, root.officerKey('cy'))
    await root.act('officers:change', {
      officers: [idOf('ann'), idOf('bo'), { ...idOf('cy'), jwk: newKey.publicJwk }],
      threshold: 2,
    })
    const next = (await readSets()).at(-1)
    expect(next?.claims.keys.map(({ kid }) => kid)).toEqual([
      root.officerKey('ann').kid,
      root.officerKey('bo').kid,
      newKey.kid,
    ])
    // What the key began that was replaced has ended; the new one begins.
    expect((await ask(root, session, 'GET', '/v1/desk/me')).status).toBe(401)
    expect((await sendProof(root, root.officerKey('cy'))).status).toBe(401)
    expect((await sendProof(root, newKey)).status).toBe(201)
  })
})

test('one of two approvals at once carries a change out, and the other finds it decided', async () => {
  await using another = await startTestRoot()
  const officers = NAMES.map((name) => ({ operator: another.officer(name).id }))
  const proposal = await another.propose('officers:change', { officers, threshold: 2 })
  const answers = await Promise.all(
    (['bo', 'cy'] as const).map((name) => another.approve(proposal, name, { key: v7() })),
  )
  expect(statuses(answers)).toEqual([201, 409])
  const rows = await another.database.db.selectFrom('officer_set').select('seq').orderBy('seq').execute()
  expect(rows).toEqual([{ seq: 1 }, { seq: 2 }])
})
