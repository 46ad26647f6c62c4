import { connect } from '@arc3088/db'
import { mintApiToken } from '@arc3088/service'
import { signDecision, signSessionProof } from '@arc3088/records'
import { v7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { RootTables } from '../src/db/tables.ts'
import {
  ask,
  challengeOf,
  inDays,
  makeToken,
  refusal,
  sendProof,
  sessionOf,
  statuses,
} from './desk-people.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { newSigner, readJson } from './test-applicant.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

let root: TestRoot
let killAt: string | undefined
/** How far the root's clock is ahead of this one's. */
let ahead = 0
beforeAll(async () => {
  root = await startTestRoot({
    now: () => new Date(Date.now() + ahead),
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
beforeEach(() => {
  ahead = 0
})

const statusOf = async (token: string) => (await ask(root, token, 'GET', '/v1/desk/me')).status

describe('a session', () => {
  test('is begun with the officer’s own key, and is his', async () => {
    const begun = await sendProof(root, root.officerKey('ann'))
    const session = await readJson(begun)
    expect([begun.status, begun.headers.get('cache-control')]).toEqual([201, 'no-store'])
    expect(session).toMatchObject({ operator: root.officer('ann').id, idle_seconds: 1800 })
    const lasts = Date.parse(String(session['expires_at'])) - Date.now()
    expect(lasts).toBeGreaterThan(8 * HOUR - MINUTE)
    expect(lasts).toBeLessThanOrEqual(8 * HOUR)
    const me = await readJson(await ask(root, String(session['token']), 'GET', '/v1/desk/me'))
    expect(me).toMatchObject({
      name: 'ann',
      role: 'officer',
      scopes: null,
      key_ids: [root.officerKey('ann').kid],
      credential: { id: session['id'], kind: 'session' },
    })
  })

  test('decides as a token does, and makes tokens that outlive it', async () => {
    const token = await sessionOf(root, root.officerKey('ann'))
    expect((await ask(root, token, 'GET', '/v1/desk/proposals')).status).toBe(200)
    const made = await makeToken(root, token, { label: 'of a session', expires_at: inDays(365) })
    expect(made.response.status).toBe(201)
  })

  test('is ended by its holder, and nothing else is', async () => {
    const [token, other] = [
      await sessionOf(root, root.officerKey('ann')),
      await sessionOf(root, root.officerKey('ann')),
    ]
    expect((await ask(root, token, 'DELETE', '/v1/desk/sessions/current')).status).toBe(204)
    expect([await statusOf(token), await statusOf(other)]).toEqual([401, 200])
    const withToken = await ask(root, root.officer('ann').token, 'DELETE', '/v1/desk/sessions/current')
    expect(await refusal(withToken)).toEqual([404, 'token-not-found'])
  })

  test('ends when nobody used it for half an hour, and goes on while it is used', async () => {
    const token = await sessionOf(root, root.officerKey('bo'))
    for (const minutes of [29, 58, 87]) {
      ahead = minutes * MINUTE
      expect([minutes, await statusOf(token)]).toEqual([minutes, 200])
    }
    ahead += 31 * MINUTE
    expect(await statusOf(token)).toBe(401)
    const { items } = await readJson(await ask(root, root.officer('bo').token, 'GET', '/v1/desk/tokens'))
    expect(JSON.stringify(items)).not.toContain('"session"')
  })

  test('is not kept alive by who knows its id alone', async () => {
    const token = await sessionOf(root, root.officerKey('bo'))
    const [, id = ''] = /^arc3088_(.{22})_/.exec(token) ?? []
    const forged = mintApiToken((length) => new Uint8Array(length)).text.replace(/_.{22}_/, `_${id}_`)
    ahead = 29 * MINUTE
    expect(await statusOf(forged)).toBe(401)
    ahead = 31 * MINUTE
    expect(await statusOf(token)).toBe(401)
  })

  test('ends after eight hours, however much it was used', async () => {
    const token = await sessionOf(root, root.officerKey('cy'))
    for (ahead = 0; ahead < 8 * HOUR - MINUTE; ahead += 20 * MINUTE) expect(await statusOf(token)).toBe(200)
    ahead = 8 * HOUR + MINUTE
    expect(await statusOf(token)).toBe(401)
  })
})

describe('a proof', () => {
  test.each([
    ['for another node', { aud: 'https://other.example' }],
    ['of a challenge that nobody gave', { nonce: 'A'.repeat(43) }],
    ['made long ago', { iat: Math.floor(Date.now() / 1000) - 600, exp: Math.floor(Date.now() / 1000) - 540 }],
    [
      'made in the future',
      { iat: Math.floor(Date.now() / 1000) + 600, exp: Math.floor(Date.now() / 1000) + 660 },
    ],
  ])('%s begins nothing', async (_, change) => {
    expect(await refusal(await sendProof(root, root.officerKey('ann'), change))).toEqual([
      401,
      'session-proof-invalid',
    ])
  })

  test('by a key of nobody begins nothing', async () => {
    expect(await refusal(await sendProof(root, await newSigner()))).toEqual([401, 'session-proof-invalid'])
  })

  test('by a key that SQL gave to an officer begins nothing: the officer set does not name it', async () => {
    const forged = await newSigner()
    const db = connect<RootTables>({
      url: root.database.appUrl,
      max: 1,
      applicationName: 'forger',
      onIdleError: () => undefined,
    })
    const jwk = JSON.stringify(forged.publicJwk)
    await db
      .insertInto('officer_key')
      .values({ kid: forged.kid, operator: root.officer('bo').id, jwk, enrolled_at: new Date() })
      .execute()
    await db.destroy()
    expect(await refusal(await sendProof(root, forged))).toEqual([401, 'session-proof-invalid'])
  })

  test('is taken once, also when it is sent many times at once', async () => {
    const challenge = await challengeOf(root)
    const iat = Math.floor(Date.now() / 1000)
    const proof = await signSessionProof(root.officerKey('ann'), { ...challenge, iat, exp: iat + 60 })
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => ask(root, '', 'POST', '/v1/desk/sessions', { proof })),
    )
    expect(statuses(answers)).toEqual([201, 401, 401, 401, 401])
  })

  test('comes too late after two minutes', async () => {
    const challenge = await challengeOf(root)
    ahead = 121_000
    const iat = Math.floor((Date.now() + ahead) / 1000)
    const proof = await signSessionProof(root.officerKey('ann'), { ...challenge, iat, exp: iat + 60 })
    const answer = await ask(root, '', 'POST', '/v1/desk/sessions', { proof })
    expect(await refusal(answer)).toEqual([401, 'session-proof-invalid'])
    await challengeOf(root)
    const rows = await root.database.db.selectFrom('session_challenge').select('expires_at').execute()
    // Those that are over go when the next is given.
    expect(rows.every((row) => row.expires_at.getTime() > Date.now() + ahead)).toBe(true)
  })

  test('is no decision, and no decision is a proof', async () => {
    const decision = await signDecision(root.officerKey('ann'), {
      iss: root.url,
      proposal: v7(),
      kind: 'provider:assign',
      hash: `sha-256:${'A'.repeat(43)}`,
      officer_set: 'A'.repeat(43),
      exp: 2_000_000_000,
    })
    const proof = `${decision.protected}.e30.${decision.signature}`
    const answer = await ask(root, '', 'POST', '/v1/desk/sessions', { proof })
    expect(await refusal(answer)).toEqual([401, 'session-proof-invalid'])
  })

  test.each([
    [{}, 400, 'request-invalid'],
    [{ proof: '' }, 400, 'request-invalid'],
    [{ proof: 'x', more: 1 }, 400, 'request-invalid'],
    [{ proof: 'x'.repeat(5000) }, 400, 'request-invalid'],
    [{ proof: 'x' }, 401, 'session-proof-invalid'],
    [{ proof: 'a.b.c' }, 401, 'session-proof-invalid'],
  ])('that is none (%j) is refused', async (body, status, code) => {
    expect(await refusal(await ask(root, '', 'POST', '/v1/desk/sessions', body))).toEqual([status, code])
  })
})

test.each([
  ['session:written', 201],
  ['session:committed', 401],
])(
  'a session killed at %s: the same proof again is answered %i, and a new one begins',
  async (step, again) => {
    const challenge = await challengeOf(root)
    const iat = Math.floor(Date.now() / 1000)
    const proof = await signSessionProof(root.officerKey('ann'), { ...challenge, iat, exp: iat + 60 })
    killAt = step
    expect((await ask(root, '', 'POST', '/v1/desk/sessions', { proof })).status).toBe(500)
    expect((await ask(root, '', 'POST', '/v1/desk/sessions', { proof })).status).toBe(again)
    expect((await sendProof(root, root.officerKey('ann'))).status).toBe(201)
  },
)
