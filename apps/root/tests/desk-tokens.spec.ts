import { connect } from '@arc3088/db'
import { TOKEN_CACHE_SECONDS } from '@arc3088/service'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { RootTables } from '../src/db/tables.ts'
import { ask, inDays, makeToken, refusal, statuses } from './desk-people.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { readJson } from './test-applicant.ts'

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

async function heldBy(token: string): Promise<Record<string, unknown>[]> {
  const { items } = await readJson(await ask(root, token, 'GET', '/v1/desk/tokens'))
  return items as Record<string, unknown>[]
}

describe('a token', () => {
  test('is shown once, and listed without its secret', async () => {
    const scopes = ['desk:self', 'proposal:read']
    const made = await makeToken(root, tokenOf('clerk'), { label: 'nightly', scopes })
    expect([made.response.status, made.response.headers.get('cache-control')]).toEqual([201, 'no-store'])
    expect(made.body).toMatchObject({ kind: 'token', label: 'nightly', scopes })
    const listed = await ask(root, tokenOf('clerk'), 'GET', '/v1/desk/tokens')
    const text = await listed.text()
    expect(text).toContain(made.id)
    expect(text).not.toContain(made.token.slice(-43))
    const stored = await root.database.db
      .selectFrom('api_token')
      .selectAll()
      .where('id', '=', made.id)
      .execute()
    expect(JSON.stringify(stored)).not.toContain(made.token.slice(-43))
    const [entry] = (await readJson(await ask(root, tokenOf('auditor'), 'GET', '/v1/desk/audit')))[
      'items'
    ] as Record<string, unknown>[]
    expect(entry).toMatchObject({ act: 'token:create', detail: { token: made.id, label: 'nightly', scopes } })
    expect(JSON.stringify(entry)).not.toContain(made.token.slice(-43))
  })

  test('does what its scopes say and its role may, and nothing else', async () => {
    const { token } = await makeToken(root, tokenOf('clerk'), { label: 'reader', scopes: ['proposal:read'] })
    expect((await ask(root, token, 'GET', '/v1/desk/proposals')).status).toBe(200)
    expect(await refusal(await ask(root, token, 'GET', '/v1/desk/applications'))).toEqual([403, 'forbidden'])
    expect(await refusal(await ask(root, token, 'GET', '/v1/desk/audit'))).toEqual([403, 'forbidden'])
  })

  test('says who asks, and what may be done with it', async () => {
    const scopes = ['desk:self', 'proposal:read']
    const { token, id } = await makeToken(root, tokenOf('bo'), { label: 'narrow', scopes })
    const narrow = await readJson(await ask(root, token, 'GET', '/v1/desk/me'))
    expect(narrow).toMatchObject({
      id: root.officer('bo').id,
      name: 'bo',
      role: 'officer',
      scopes,
      key_ids: [root.officerKey('bo').kid],
      credential: { id, kind: 'token' },
    })
    expect([...(narrow['actions'] as string[])].toSorted()).toEqual(scopes)
    const whole = await readJson(await ask(root, tokenOf('bo'), 'GET', '/v1/desk/me'))
    expect(whole).toMatchObject({ scopes: null, actions: expect.arrayContaining(['proposal:decide']) })
    expect(whole['actions']).not.toContain('operator:manage')
  })

  test.each([
    ['for an action of another role', { scopes: ['operator:manage'] }, 403, 'forbidden'],
    ['for an action that there is not', { scopes: ['constructor'] }, 400, 'request-invalid'],
    ['for nothing', { scopes: [] }, 400, 'request-invalid'],
    ['with a scope twice', { scopes: ['desk:self', 'desk:self'] }, 400, 'request-invalid'],
    ['for longer than a year', { expires_at: inDays(366) }, 400, 'request-invalid'],
    ['that is over', { expires_at: inDays(-1) }, 400, 'request-invalid'],
    ['without an end', { expires_at: null }, 400, 'request-invalid'],
    ['without a label', { label: '' }, 400, 'request-invalid'],
    ['with what nobody knows', { principal: 'bo' }, 400, 'request-invalid'],
  ])('%s is not made', async (_, change, status, code) => {
    const body = { label: 'bad', scopes: null, expires_at: inDays(1), ...change }
    const answer = await ask(root, tokenOf('clerk'), 'POST', '/v1/desk/tokens', body)
    expect(await refusal(answer)).toEqual([status, code])
    expect((await heldBy(tokenOf('clerk'))).map(({ label }) => label)).not.toContain('bad')
  })

  test('makes none that may do more, or lives longer, than itself', async () => {
    const scopes = ['token:create', 'proposal:read']
    const { token } = await makeToken(root, tokenOf('cy'), { label: 'maker', scopes, expires_at: inDays(2) })
    const short = inDays(1)
    const wider = [
      { label: 'w1', scopes: ['proposal:read', 'proposal:decide'], expires_at: short },
      { label: 'w2', scopes: null, expires_at: short },
      { label: 'w3', scopes: ['proposal:read'], expires_at: inDays(3) },
    ]
    for (const wanted of wider)
      expect(await refusal(await ask(root, token, 'POST', '/v1/desk/tokens', wanted))).toEqual([
        403,
        'forbidden',
      ])
    const narrower = await makeToken(root, token, {
      label: 'w4',
      scopes: ['proposal:read'],
      expires_at: short,
    })
    expect(narrower.response.status).toBe(201)
  })

  test('sent for again under its label is refused while it is in force, and made anew after', async () => {
    const wanted = { label: 'retry', scopes: ['proposal:read'] }
    const first = await makeToken(root, tokenOf('ann'), wanted)
    const again = await makeToken(root, tokenOf('ann'), wanted)
    expect([again.response.status, again.body['code']]).toEqual([409, 'token-label-used'])
    await ask(root, tokenOf('ann'), 'DELETE', `/v1/desk/tokens/${first.id}`)
    expect((await makeToken(root, tokenOf('ann'), wanted)).response.status).toBe(201)
  })

  test('made twice at once under one label is made once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => makeToken(root, tokenOf('ann'), { label: 'raced' })),
    )
    expect(statuses(answers.map(({ response }) => response))).toEqual([201, 409, 409, 409, 409])
  })

  test.each([
    ['token:written', 0],
    ['token:committed', 1],
  ])('whose making is killed at %s leaves %i that can be found', async (step, left) => {
    const label = `killed at ${step}`
    killAt = step
    expect((await makeToken(root, tokenOf('ann'), { label })).response.status).toBe(500)
    expect((await heldBy(tokenOf('ann'))).filter((token) => token['label'] === label)).toHaveLength(left)
    const again = await makeToken(root, tokenOf('ann'), { label })
    expect(again.response.status).toBe(left === 0 ? 201 : 409)
  })

  test('is one of fifty at most', async () => {
    const held = (await heldBy(tokenOf('auditor'))).length
    for (let nth = held; nth < 50; nth++)
      expect((await makeToken(root, tokenOf('auditor'), { label: `no ${nth}` })).response.status).toBe(201)
    const beyond = await makeToken(root, tokenOf('auditor'), { label: 'one more' })
    expect([beyond.response.status, beyond.body['code']]).toEqual([409, 'token-limit'])
  })
})

describe('revoking', () => {
  test('ends a token at once in the process that did it, and again changes nothing', async () => {
    const { token, id } = await makeToken(root, tokenOf('bo'), { label: 'gone' })
    expect((await ask(root, token, 'GET', '/v1/desk/me')).status).toBe(200)
    expect((await ask(root, tokenOf('bo'), 'DELETE', `/v1/desk/tokens/${id}`)).status).toBe(204)
    expect(await refusal(await ask(root, token, 'GET', '/v1/desk/me'))).toEqual([401, 'unauthenticated'])
    expect((await ask(root, tokenOf('bo'), 'DELETE', `/v1/desk/tokens/${id}`)).status).toBe(204)
    const entries = await root.database.db
      .selectFrom('audit_entry')
      .select('act')
      .where('act', '=', 'token:revoke')
      .where('object', '=', `operator:${root.officer('bo').id}`)
      .execute()
    expect(entries).toHaveLength(1)
  })

  test('by another process is seen within the time that a lookup is kept', async () => {
    const { token, id } = await makeToken(root, tokenOf('bo'), { label: 'elsewhere' })
    expect((await ask(root, token, 'GET', '/v1/desk/me')).status).toBe(200)
    const kept = Date.now() + TOKEN_CACHE_SECONDS * 1000
    await root.database.db
      .updateTable('api_token')
      .set({ revoked_at: new Date() })
      .where('id', '=', id)
      .execute()
    let lastTaken = 0
    await expect
      .poll(async () => {
        const askedAt = Date.now()
        const { status } = await ask(root, token, 'GET', '/v1/desk/me')
        if (status === 200) lastTaken = askedAt
        return status
      })
      .toBe(401)
    expect(lastTaken).toBeLessThan(kept)
  })

  test('by an administrator ends anybody’s; to everybody else another’s token is not there', async () => {
    const { token, id } = await makeToken(root, tokenOf('bo'), { label: 'looked after' })
    for (const name of ['ann', 'auditor', 'clerk'] as const)
      expect(await refusal(await ask(root, tokenOf(name), 'DELETE', `/v1/desk/tokens/${id}`))).toEqual([
        404,
        'token-not-found',
      ])
    const held = await ask(
      root,
      tokenOf('administrator'),
      'GET',
      `/v1/desk/operators/${root.officer('bo').id}/tokens`,
    )
    expect(await held.text()).toContain(id)
    // A token of the administrator without the scope is as anybody else's.
    const narrow = await makeToken(root, tokenOf('administrator'), { label: 'narrow', scopes: ['desk:self'] })
    expect((await ask(root, narrow.token, 'DELETE', `/v1/desk/tokens/${id}`)).status).toBe(404)
    expect((await ask(root, tokenOf('administrator'), 'DELETE', `/v1/desk/tokens/${id}`)).status).toBe(204)
    expect((await ask(root, token, 'GET', '/v1/desk/me')).status).toBe(401)
  })

  test('while a token is in use: what is known of it for some seconds makes no other token', async () => {
    const { token, id } = await makeToken(root, tokenOf('bo'), { label: 'in use' })
    expect((await ask(root, token, 'GET', '/v1/desk/me')).status).toBe(200)
    await root.database.db
      .updateTable('api_token')
      .set({ revoked_at: new Date() })
      .where('id', '=', id)
      .execute()
    // The lookup may be kept still, and then lets it past the guard; either way nothing is made.
    const made = await makeToken(root, token, { label: 'heir' })
    expect([made.response.status, made.body['code']]).toEqual([401, 'unauthenticated'])
    expect((await heldBy(tokenOf('bo'))).map(({ label }) => label)).not.toContain('heir')
  })

  test.each(['x', 'A'.repeat(22)])('nothing (%s) finds nothing', async (id) => {
    const { status } = await ask(root, tokenOf('bo'), 'DELETE', `/v1/desk/tokens/${id}`)
    expect(status).toBe(id === 'x' ? 400 : 404)
  })
})

test('what was revoked or disabled stays so, and no scope is written into a token, by the role of the service', async () => {
  const db = connect<RootTables>({
    url: root.database.appUrl,
    max: 1,
    applicationName: 'forger',
    onIdleError: () => undefined,
  })
  try {
    const { id } = await makeToken(root, tokenOf('clerk'), { label: 'stays' })
    const row = db.updateTable('api_token').where('id', '=', id)
    await row.set({ revoked_at: new Date() }).execute()
    await expect(row.set({ revoked_at: null }).execute()).rejects.toThrow(
      /append-only|refuse|may not|permission/i,
    )
    for (const column of ['scopes', 'expires_at', 'principal_id', 'secret_hash'])
      await expect(
        db
          .updateTable('api_token')
          .set({ [column]: null })
          .where('id', '=', id)
          .execute(),
      ).rejects.toMatchObject({ code: '42501' })
    await expect(
      db
        .updateTable('operator')
        .set({ role: 'officer' } as never)
        .execute(),
    ).rejects.toMatchObject({
      code: '42501',
    })
  } finally {
    await db.destroy()
  }
})
