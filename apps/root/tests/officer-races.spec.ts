import { signShownProposal, type Signer } from '@arc3088/records'
import { v7 } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { ask, inDays, makeToken, refusal, sessionOf } from './desk-people.ts'
import { startTestRoot, type TestProposal, type TestRoot } from './start-test-root.ts'
import { newSigner, readJson } from './test-applicant.ts'

/** A desk of five officers, of whom two decide, so that one may go. */
let root: TestRoot
let comers: readonly { readonly id: string; readonly signer: Signer }[]
beforeAll(async () => {
  root = await startTestRoot()
  comers = [await addOfficer('dee'), await addOfficer('eli')]
  const officers = [
    ...(['ann', 'bo', 'cy'] as const).map((name) => ({ operator: root.officer(name).id })),
    ...comers.map(({ id }) => ({ operator: id })),
  ]
  await root.act('officers:change', { officers, threshold: 2 })
})
afterAll(async () => {
  await root[Symbol.asyncDispose]()
})

async function addOfficer(name: string): Promise<{ id: string; signer: Signer }> {
  const signer = await newSigner()
  const { operator } = await root.act('operator:add', { name, role: 'officer', jwk: signer.publicJwk })
  return { id: String(operator), signer }
}

async function approveAs(signer: Signer, token: string, proposal: TestProposal): Promise<Response> {
  const signature = await signShownProposal(signer, proposal)
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

const stateOf = async ({ id }: TestProposal) =>
  (await readJson(await root.officer('cy').get(`/v1/desk/proposals/${id}`)))['state']

test.each([0, 1])(
  'an officer approves while she is disabled: it counts wholly or not at all (%i)',
  async (nth) => {
    const { id, signer } = comers[nth] ?? { id: '', signer: await newSigner() }
    const token = await sessionOf(root, signer)
    const name = `added in race ${nth}`
    const about = await root.propose('operator:add', { name, role: 'clerk' })
    const going = await root.propose('operator:disable', { operator: id })
    const approvals = [() => approveAs(signer, token, about), () => root.approve(going, 'bo')]
    const ordered = nth === 0 ? approvals : approvals.toReversed()
    const answers = await Promise.all(ordered.map((approve) => approve()))
    const [hers, gone] = nth === 0 ? answers : answers.toReversed()
    expect(gone?.status).toBe(201)
    const added = await root.database.db
      .selectFrom('operator')
      .select('id')
      .where('name', '=', name)
      .execute()
    const signed = await root.database.db
      .selectFrom('proposal_signature')
      .select('officer')
      .where('proposal_id', '=', about.id)
      .where('officer', '=', id)
      .execute()
    const counted = hers?.status === 201 ? 1 : 0
    expect([
      hers?.status === 201 || hers?.status === 401 || hers?.status === 403,
      added.length,
      signed.length,
    ]).toEqual([true, counted, counted])
    expect(await stateOf(about)).toBe(counted === 1 ? 'approved' : 'pending')
    expect((await ask(root, token, 'GET', '/v1/desk/me')).status).toBe(401)
    if (counted === 1) return
    const word = { hash: about.hash, reason: 'only to see' }
    await root.officer('ann').post(`/v1/desk/proposals/${about.id}/withdraw`, word)
  },
)

test('what an officer signed who has left is decided by nobody: it is proposed anew', async () => {
  const fay = await addOfficer('fay')
  const gus = await addOfficer('gus')
  const officers = [
    ...(['ann', 'bo', 'cy'] as const).map((name) => ({ operator: root.officer(name).id })),
    { operator: fay.id },
    { operator: gus.id },
  ]
  const thresholds = { 'operator:add': 3 }
  await root.act('officers:change', { officers, threshold: 2, thresholds })
  const token = await sessionOf(root, fay.signer)
  const proposal = await root.propose('operator:add', { name: 'half decided', role: 'clerk' })
  expect((await approveAs(fay.signer, token, proposal)).status).toBe(202)
  await root.act('operator:disable', { operator: fay.id })
  expect(await stateOf(proposal)).toBe('withdrawn')
  expect(await refusal(await root.approve(proposal, 'bo'))).toEqual([409, 'proposal-decided'])
})

test('a token that is revoked while it makes others leaves none that came after', async () => {
  const maker = await makeToken(root, root.officer('cy').token, { label: 'maker' })
  const making = Array.from({ length: 8 }, (_, nth) =>
    makeToken(root, maker.token, { label: `heir ${nth}`, expires_at: inDays(1) }),
  )
  const revoking = ask(root, root.officer('cy').token, 'DELETE', `/v1/desk/tokens/${maker.id}`)
  const made = await Promise.all(making)
  expect((await revoking).status).toBe(204)
  const { revoked_at: revokedAt } = await root.database.db
    .selectFrom('api_token')
    .select('revoked_at')
    .where('id', '=', maker.id)
    .executeTakeFirstOrThrow()
  const heirs = await root.database.db
    .selectFrom('api_token')
    .select(['label', 'created_at'])
    .where('label', 'like', 'heir %')
    .execute()
  expect(made.filter(({ response }) => response.status === 201)).toHaveLength(heirs.length)
  expect(made.every(({ response }) => [201, 401].includes(response.status))).toBe(true)
  for (const { created_at: at } of heirs) expect(at.getTime()).toBeLessThanOrEqual(revokedAt?.getTime() ?? 0)
  expect((await makeToken(root, maker.token, { label: 'heir at last' })).response.status).toBe(401)
})
