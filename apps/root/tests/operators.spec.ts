import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { ask, inDays, makeToken, refusal, sendProof, sessionOf, statuses } from './desk-people.ts'
import { startTestRoot, type TestProposal, type TestRoot } from './start-test-root.ts'
import { newSigner, readJson } from './test-applicant.ts'

let root: TestRoot
let killAt: string | undefined
beforeAll(async () => {
  root = await startTestRoot({
    reached(step) {
      if (step !== killAt) return
      killAt = undefined
      throw new Error(`killed at ${step}`)
    },
  })
})
afterAll(async () => {
  await root[Symbol.asyncDispose]()
})

const tokenOf = (name: Parameters<TestRoot['officer']>[0]) => root.officer(name).token
const administrator = () => tokenOf('administrator')

/** Has ann and bo add somebody, and answers the id. */
async function add(asked: object): Promise<string> {
  return String((await root.act('operator:add', asked))['operator'])
}

async function invite(id: string): Promise<Record<string, unknown>> {
  const response = await ask(root, administrator(), 'POST', `/v1/desk/operators/${id}/tokens`)
  if (response.status !== 201) throw new Error(await response.text())
  return await readJson(response)
}

/** Somebody without a key, with a token of their own. */
async function clerkAtWork(name: string): Promise<{ id: string; token: string }> {
  const id = await add({ name, role: 'clerk' })
  const { token } = await makeToken(root, String((await invite(id))['token']), { label: 'first' })
  return { id, token }
}

const propose = async (by: string, kind: string, asked: object) =>
  await ask(root, by, 'POST', '/v1/desk/proposals', { kind, ask: asked, reason: 'as was asked' })

describe('adding somebody', () => {
  test('keeps the name at the desk: what is decided is an id, a role, a key', async () => {
    const { publicJwk } = await newSigner()
    const name = 'Dorothea Vaughan'
    const proposal = await root.propose('operator:add', { name, role: 'clerk', jwk: publicJwk })
    expect(Object.keys(proposal.payload).toSorted()).toEqual(['key', 'operator', 'role'])
    expect(JSON.stringify(proposal)).not.toContain(name)
    // Those who decide see whom they would add.
    const before = await readJson(await ask(root, tokenOf('bo'), 'GET', '/v1/desk/operators'))
    expect(before['proposed']).toContainEqual({
      id: proposal.payload['operator'],
      name,
      role: 'clerk',
      proposal: proposal.id,
    })
    expect((await root.approve(proposal)).status).toBe(201)
    const after = await readJson(await ask(root, tokenOf('auditor'), 'GET', '/v1/desk/operators'))
    expect(after['proposed']).toEqual([])
    expect(after['items']).toContainEqual(
      expect.objectContaining({ name, role: 'clerk', disabled_at: null, key_ids: [publicJwk.kid] }),
    )
    const { hash } = await root.database.db
      .selectFrom('decision')
      .select('hash')
      .where('proposal_id', '=', proposal.id)
      .executeTakeFirstOrThrow()
    const shown = await (await root.get(`/v1/decisions/${hash}`)).text()
    expect(shown).toContain(publicJwk.kid)
    expect(shown).not.toContain(name)
    expect(await root.database.db.selectFrom('operator_candidate').selectAll().execute()).toEqual([])
  })

  test('forgets the names of those who were not added', async () => {
    const rejected = await root.propose('operator:add', { name: 'Nobody', role: 'clerk' })
    const word = { hash: rejected.hash, reason: 'unknown here' }
    await root.officer('bo').post(`/v1/desk/proposals/${rejected.id}/reject`, word)
    const listed = await readJson(await ask(root, administrator(), 'GET', '/v1/desk/operators'))
    expect(listed['proposed']).toEqual([])
    await add({ name: 'Somebody', role: 'clerk' })
    expect(await root.database.db.selectFrom('operator_candidate').selectAll().execute()).toEqual([])
  })

  test('is proposed by an administrator too, who signs nothing: two officers decide', async () => {
    const response = await propose(administrator(), 'operator:add', { name: 'Eve', role: 'auditor' })
    expect(response.status).toBe(201)
    const proposal = (await response.json()) as TestProposal
    const one = await root.approve(proposal, 'bo')
    expect([one.status, await readJson(one)]).toMatchObject([202, { signed: 1, needed: 2 }])
    expect((await root.approve(proposal, 'cy')).status).toBe(201)
    expect(await refusal(await propose(administrator(), 'provider:assign', {}))).toEqual([403, 'forbidden'])
  })

  test.each([
    ['an officer without a key', { name: 'x', role: 'officer' }, 400, 'request-invalid'],
    ['nobody’s role', { name: 'x', role: 'king' }, 400, 'request-invalid'],
    ['nobody', { name: '', role: 'clerk' }, 400, 'request-invalid'],
    ['more than the act knows', { name: 'x', role: 'clerk', scopes: [] }, 400, 'request-invalid'],
  ])('%s is refused', async (_, asked, status, code) => {
    expect(await refusal(await propose(tokenOf('ann'), 'operator:add', asked))).toEqual([status, code])
  })

  test('with a key that is somebody’s, the node’s, private, or misnamed is refused', async () => {
    const refusedWith = async (jwk: object) =>
      await refusal(await propose(tokenOf('ann'), 'operator:add', { name: 'x', role: 'officer', jwk }))
    const stranger = (await newSigner()).publicJwk
    expect(await refusedWith(root.officerKey('bo').publicJwk)).toEqual([409, 'officer-key-known'])
    expect((await refusedWith(root.keys.signer('federation').publicJwk))[1]).toBe('key-two-purposes')
    expect((await refusedWith(root.keys.signer('root').publicJwk))[1]).toBe('key-two-purposes')
    expect(await refusedWith({ ...stranger, d: 'A'.repeat(43) })).toEqual([400, 'request-invalid'])
    expect(await refusedWith({ ...stranger, kid: 'A'.repeat(43) })).toEqual([400, 'request-invalid'])
  })

  test('with one key twice at once is pending once', async () => {
    const jwk = (await newSigner()).publicJwk
    const answers = await Promise.all(
      ['Fay', 'Gus'].map((name) => propose(tokenOf('ann'), 'operator:add', { name, role: 'officer', jwk })),
    )
    expect(statuses(answers)).toEqual([201, 409])
  })

  test.each([
    ['operator:added', 'lost'],
    ['approval:committed', 'kept'],
  ])('killed at %s is wholly %s, and the same approval again succeeds', async (step, fate) => {
    const name = `killed at ${step}`
    const proposal = await root.propose('operator:add', { name, role: 'clerk' })
    killAt = step
    expect((await root.approve(proposal)).status).toBe(500)
    const added = () =>
      root.database.db.selectFrom('operator').select('id').where('name', '=', name).execute()
    expect(await added()).toHaveLength(fate === 'lost' ? 0 : 1)
    expect((await root.approve(proposal)).status).toBe(201)
    expect(await added()).toEqual([{ id: proposal.payload['operator'] }])
  })
})

describe('an invitation', () => {
  test('makes one token, and does nothing else', async () => {
    const id = await add({ name: 'Hal', role: 'clerk' })
    const { token: invitation, expires_at: until } = await invite(id)
    expect(Date.parse(String(until))).toBeLessThanOrEqual(Date.now() + 72 * 3_600_000)
    const text = String(invitation)
    for (const path of ['/v1/desk/me', '/v1/desk/proposals', '/v1/desk/tokens'])
      expect((await ask(root, text, 'GET', path)).status).toBe(403)
    const answers = await Promise.all(
      ['one', 'two', 'three'].map((label) => makeToken(root, text, { label, expires_at: inDays(300) })),
    )
    expect(statuses(answers.map(({ response }) => response))).toEqual([201, 401, 401])
    const made = answers.find(({ response }) => response.status === 201)
    const me = await readJson(await ask(root, made?.token ?? '', 'GET', '/v1/desk/me'))
    expect(me).toMatchObject({ id, name: 'Hal', role: 'clerk', scopes: null })
    expect((await makeToken(root, text, { label: 'again' })).response.status).toBe(401)
    const once = await ask(root, administrator(), 'POST', `/v1/desk/operators/${id}/tokens`)
    expect(await refusal(once)).toEqual([409, 'operator-begun'])
  })

  test('takes the place of one before that nobody used', async () => {
    const id = await add({ name: 'Ida', role: 'auditor' })
    const [first, second] = [await invite(id), await invite(id)]
    expect((await makeToken(root, String(first['token']), { label: 'x' })).response.status).toBe(401)
    expect((await makeToken(root, String(second['token']), { label: 'x' })).response.status).toBe(201)
  })

  test('never widens the role, and a bad wish does not spend it', async () => {
    const id = await add({ name: 'Jo', role: 'clerk' })
    const text = String((await invite(id))['token'])
    const wide = await makeToken(root, text, { label: 'x', scopes: ['proposal:decide'] })
    expect(wide.response.status).toBe(403)
    expect((await makeToken(root, text, { label: 'x' })).response.status).toBe(201)
  })

  test('is for no one who has a key or a token, or is not there; and no officer makes one', async () => {
    const officer = root.officer('bo').id
    const to = async (id: string, by = administrator()) =>
      await refusal(await ask(root, by, 'POST', `/v1/desk/operators/${id}/tokens`))
    expect(await to(officer)).toEqual([409, 'operator-begun'])
    expect(await to(root.officer('clerk').id)).toEqual([409, 'operator-begun'])
    expect(await to('019ab000-0000-7000-8000-000000000000')).toEqual([404, 'operator-not-found'])
    expect(await to(officer, tokenOf('ann'))).toEqual([403, 'forbidden'])
    expect(await to('x')).toEqual([400, 'request-invalid'])
  })

  test('whose making is killed before the commit is none, and can be made again', async () => {
    const id = await add({ name: 'Kit', role: 'clerk' })
    killAt = 'invitation:written'
    expect((await ask(root, administrator(), 'POST', `/v1/desk/operators/${id}/tokens`)).status).toBe(500)
    const held = await readJson(await ask(root, administrator(), 'GET', `/v1/desk/operators/${id}/tokens`))
    expect(held['items']).toEqual([])
    expect((await invite(id))['token']).toBeTypeOf('string')
  })

  test('is not needed by a clerk with a key, who begins a session with it', async () => {
    const signer = await newSigner()
    const id = await add({ name: 'Lee', role: 'clerk', jwk: signer.publicJwk })
    const me = await readJson(await ask(root, await sessionOf(root, signer), 'GET', '/v1/desk/me'))
    expect(me).toMatchObject({ id, role: 'clerk' })
  })
})

describe('disabling somebody', () => {
  test('ends tokens and sessions at once, and the key begins nothing more', async () => {
    const signer = await newSigner()
    const id = await add({ name: 'Max', role: 'clerk', jwk: signer.publicJwk })
    const session = await sessionOf(root, signer)
    const { token } = await makeToken(root, session, { label: 'mine' })
    for (const held of [session, token])
      expect((await ask(root, held, 'GET', '/v1/desk/me')).status).toBe(200)
    await root.act('operator:disable', { operator: id })
    for (const held of [session, token])
      expect(await refusal(await ask(root, held, 'GET', '/v1/desk/me'))).toEqual([401, 'unauthenticated'])
    expect(await refusal(await sendProof(root, signer))).toEqual([401, 'session-proof-invalid'])
    const listed = await readJson(await ask(root, administrator(), 'GET', '/v1/desk/operators'))
    expect(listed['items']).toContainEqual(
      expect.objectContaining({ id, disabled_at: expect.stringMatching(/^2/) }),
    )
    expect(await refusal(await propose(tokenOf('ann'), 'operator:disable', { operator: id }))).toEqual([
      409,
      'operator-state',
    ])
    const invited = await ask(root, administrator(), 'POST', `/v1/desk/operators/${id}/tokens`)
    expect(await refusal(invited)).toEqual([409, 'operator-state'])
  })

  test('voids what they proposed', async () => {
    const id = await add({ name: 'Nat', role: 'administrator' })
    const { token } = await makeToken(root, String((await invite(id))['token']), { label: 'first' })
    const mine = (await (
      await propose(token, 'operator:add', { name: 'Friend', role: 'clerk' })
    ).json()) as TestProposal
    await root.act('operator:disable', { operator: id })
    expect(await refusal(await root.approve(mine, 'bo'))).toEqual([409, 'proposal-decided'])
    const shown = await readJson(await ask(root, tokenOf('bo'), 'GET', `/v1/desk/proposals/${mine.id}`))
    expect(shown['state']).toBe('withdrawn')
  })

  test('leaves one officer more than decide, always', async () => {
    const answer = await propose(tokenOf('ann'), 'operator:disable', { operator: root.officer('cy').id })
    expect(await refusal(answer)).toEqual([409, 'officers-too-few'])
  })

  test('nobody who is not there, and is proposed once at a time', async () => {
    const unknown = '019ab000-0000-7000-8000-000000000000'
    expect(await refusal(await propose(tokenOf('ann'), 'operator:disable', { operator: unknown }))).toEqual([
      404,
      'operator-not-found',
    ])
    const { id } = await clerkAtWork('Oz')
    const answers = await Promise.all(
      (['ann', 'bo'] as const).map((name) => propose(tokenOf(name), 'operator:disable', { operator: id })),
    )
    expect(statuses(answers)).toEqual([201, 409])
  })

  test.each([
    ['operator:disabled', 200],
    ['approval:committed', 401],
    ['approval:acknowledged', 401],
  ])(
    'killed at %s: the token then answers %i, and the same approval again succeeds',
    async (step, status) => {
      const { id, token } = await clerkAtWork(`killed at ${step}`)
      const proposal = await root.propose('operator:disable', { operator: id })
      killAt = step
      expect((await root.approve(proposal)).status).toBe(500)
      // What another process did is seen when the lookup is made anew.
      await expect.poll(async () => (await ask(root, token, 'GET', '/v1/desk/me')).status).toBe(status)
      expect((await root.approve(proposal)).status).toBe(201)
      expect((await ask(root, token, 'GET', '/v1/desk/me')).status).toBe(401)
    },
  )
})
