import { signAgreementEvent, type AgreementEvent } from '@arc3088/records'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { agree, OVERSEAS, pinEachOther, proposeTo, shown, THIRD, untilStage } from './agreement-roots.ts'
import { problemOf, sendAs } from './agreement-wire.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { newSigner } from './test-applicant.ts'

let home: TestRoot
let overseas: TestRoot
/** Known to nobody. */
let stranger: TestRoot
beforeAll(async () => {
  home = await startTestRoot()
  overseas = await startTestRoot({}, OVERSEAS)
  stranger = await startTestRoot({}, THIRD)
  await pinEachOther([home, overseas])
})
afterAll(async () => {
  for (const root of [home, overseas, stranger]) await root[Symbol.asyncDispose]()
})

const PATH = '/v1/agreements'
const federation = (root: TestRoot) => root.keys.signer('federation')

describe('a signature', () => {
  const place = (id: string, root: TestRoot) => `${PATH}/${id}/signatures/${encodeURIComponent(root.url)}`

  test('is a party’s own, on the very terms, once', async () => {
    const made = await proposeTo(home, [overseas])
    await untilStage(overseas, made.jti, 'proposed')
    const id = made.jti.slice('urn:uuid:'.length)
    const put = { method: 'PUT' } as const
    const payload = await home.database.db
      .selectFrom('agreement')
      .select('payload')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    const [part] = await signaturesOver(payload.payload, overseas)
    const [forged] = await signaturesOver(payload.payload, stranger)
    const [other] = await signaturesOver(Buffer.from('{}').toString('base64url'), overseas)
    const send = (signature: object | undefined, root = overseas, options: object = put) =>
      sendAs(overseas, home, place(id, root), { hash: made.hash, ...signature }, { ...put, ...options })
    expect(await problemOf(await send(forged))).toEqual([422, 'agreement-invalid'])
    expect(await problemOf(await send(other))).toEqual([422, 'agreement-invalid'])
    expect(await problemOf(await send(part, home))).toEqual([422, 'agreement-invalid'])
    expect(await problemOf(await send({ ...part, hash: 'A'.repeat(43) }))).toEqual([422, 'agreement-invalid'])
    const unknown = await sendAs(overseas, home, place(v7(), overseas), { hash: made.hash, ...part }, put)
    expect(await problemOf(unknown)).toEqual([404, 'agreement-not-found'])
    expect((await send(part)).status).toBe(201)
    // Another signature over the same bytes is as good, and changes nothing.
    const [again] = await signaturesOver(payload.payload, overseas)
    expect((await send(again)).status).toBe(200)
    expect(await shown(home, made.jti)).toMatchObject({ events: [{ iss: home.url, event: 'activate' }] })
    await home.act('agreement:terminate', { jti: made.jti, reason: 'the test is over' })
  })
})

async function signaturesOver(payload: string, root: TestRoot) {
  const signer = federation(root)
  const header = { alg: signer.alg, kid: signer.kid, typ: 'agent-code-recognition-agreement+json' }
  const encoded = Buffer.from(JSON.stringify(header)).toString('base64url')
  const signature = await signer.sign(new TextEncoder().encode(`${encoded}.${payload}`))
  return [{ protected: encoded, signature: Buffer.from(signature).toString('base64url') }]
}

describe('an event', () => {
  test('follows the one before; a gap is asked for, a fork is refused and kept', async () => {
    const { jti, id, hash } = await agree([home, overseas])
    const path = `${PATH}/${id}/events`
    const atOverseas = await shown(overseas, jti)
    const first = atOverseas?.events.find(({ iss }) => iss === overseas.url)
    const at = Math.floor(Date.now() / 1000)
    const event = async (change: Partial<AgreementEvent>, signer = federation(overseas)) => ({
      event: await signAgreementEvent(signer, {
        iss: overseas.url,
        iat: at,
        jti: v7(),
        agreement: jti,
        agreement_hash: hash,
        towards: 'all',
        seq: 2,
        prev: first?.hash ?? null,
        event: 'suspend',
        reason: 'one',
        effective: at,
        ...change,
      }),
    })
    const send = async (body: object) => await sendAs(overseas, home, path, body)
    // Nobody has event 5, so nobody can fill the gap before it.
    const gap = await send(await event({ seq: 5, prev: 'A'.repeat(43) }))
    expect(await problemOf(gap)).toEqual([409, 'agreement-event-gap'])
    expect(await problemOf(await send(await event({}, await newSigner())))).toEqual([
      422,
      'agreement-invalid',
    ])
    expect(await problemOf(await send(await event({ prev: 'A'.repeat(43) })))).toEqual([
      422,
      'agreement-invalid',
    ])
    expect(await problemOf(await send(await event({ event: 'resume' })))).toEqual([422, 'agreement-invalid'])
    expect(await problemOf(await send(await event({ agreement_hash: 'A'.repeat(43) })))).toEqual([
      422,
      'agreement-invalid',
    ])
    const future = await event({ iat: at + 3600, effective: at + 3600 })
    expect(await problemOf(await send(future))).toEqual([422, 'agreement-invalid'])
    const ofHome = await event({ iss: home.url })
    expect(await problemOf(await send(ofHome))).toEqual([422, 'agreement-invalid'])
    const good = await event({})
    expect((await send(good)).status).toBe(201)
    expect((await send(good)).status).toBe(200)
    const fork = await event({ reason: 'two' })
    expect(await problemOf(await send(fork))).toEqual([409, 'agreement-forked'])
    const kept = await home.database.db
      .selectFrom('agreement_fork')
      .select(['seq', 'known', 'other'])
      .where('agreement', '=', id)
      .execute()
    expect(kept).toEqual([{ seq: 2, known: good.event, other: fork.event }])
    expect(await shown(home, jti)).toMatchObject({ stage: 'suspended' })
  })
})
