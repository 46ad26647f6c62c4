import { signAgreementEvent, type AgreementEvent } from '@arc3088/records'
import { listen } from '@arc3088/service'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import {
  agree,
  entryOf,
  OVERSEAS,
  pinEachOther,
  pinOf,
  problemOf,
  proposeTo,
  rawTerms,
  sendAs,
  shown,
  signedBy,
  THIRD,
  untilStage,
} from './agreement-roots.ts'
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

describe('terms that another root proposes', () => {
  test('wait for the officers, once: a retry changes nothing', async () => {
    const terms = await rawTerms([overseas, home])
    const agreement = await signedBy(terms, [federation(overseas)])
    const first = await sendAs(overseas, home, PATH, { agreement })
    const text = await first.text()
    expect(first.status).toBe(201)
    const again = await sendAs(overseas, home, PATH, { agreement })
    expect([again.status, await again.text()]).toEqual([200, text])
    expect(await shown(home, terms.jti)).toMatchObject({ stage: 'proposed', parties: [{ signed: true }, {}] })
    // They bind nobody: nothing of it is public.
    expect((await home.get(`${PATH}/${terms.jti}`)).status).toBe(404)
  })

  test('come once, however often they are sent at once', async () => {
    const terms = await rawTerms([overseas, home])
    const agreement = await signedBy(terms, [federation(overseas)])
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => sendAs(overseas, home, PATH, { agreement })),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array<number>(7).fill(200), 201])
  })

  const REFUSED: [string, () => Promise<object>, string][] = [
    [
      'with one bad signature',
      async () => {
        const agreement = await signedBy(await rawTerms([overseas, home]), [federation(overseas)])
        const other = await signedBy(await rawTerms([overseas, home]), [federation(overseas)])
        return { agreement: { ...agreement, signatures: other.signatures } }
      },
      'agreement-invalid',
    ],
    [
      'with a bad signature beside a good one',
      async () => {
        const agreement = await signedBy(await rawTerms([overseas, home]), [
          federation(overseas),
          federation(home),
        ])
        const [good, bad] = agreement.signatures
        const signature = Buffer.alloc(64, 7).toString('base64url')
        return { agreement: { ...agreement, signatures: [good, { ...bad, signature }] } }
      },
      'agreement-invalid',
    ],
    [
      'with two signatures by one party',
      async () => {
        const second = await newSigner()
        const own = await entryOf(overseas)
        const parties = [
          { ...own, jwks_thumbprints: [...own.jwks_thumbprints, second.kid] },
          await entryOf(home),
        ]
        return { agreement: await signedBy(await rawTerms([], { parties }), [federation(overseas), second]) }
      },
      'agreement-invalid',
    ],
    [
      'with the signature of another',
      async () => ({ agreement: await signedBy(await rawTerms([overseas, home]), [federation(stranger)]) }),
      'agreement-invalid',
    ],
    [
      'with a key that no key set has',
      async () => {
        const forged = await newSigner()
        const parties = [
          { ...(await entryOf(overseas)), jwks_thumbprints: [forged.kid] },
          await entryOf(home),
        ]
        return { agreement: await signedBy(await rawTerms([], { parties }), [forged]) }
      },
      'agreement-invalid',
    ],
    [
      'without the recipient',
      async () => ({
        agreement: await signedBy(await rawTerms([overseas, stranger]), [federation(overseas)]),
      }),
      'agreement-invalid',
    ],
    [
      'without the sender',
      async () => ({ agreement: await signedBy(await rawTerms([home, stranger]), [federation(overseas)]) }),
      'agreement-invalid',
    ],
    [
      'with the home prefix for the sender',
      async () => {
        const parties = [
          { ...(await entryOf(overseas)), code_prefixes: ['1.2.156.3088.7'] },
          await entryOf(home),
        ]
        return { agreement: await signedBy(await rawTerms([], { parties }), [federation(overseas)]) }
      },
      'agreement-invalid',
    ],
    [
      'with another prefix than the pinned one',
      async () => {
        const parties = [{ ...(await entryOf(overseas)), code_prefixes: ['1.3.9'] }, await entryOf(home)]
        return { agreement: await signedBy(await rawTerms([], { parties }), [federation(overseas)]) }
      },
      'agreement-invalid',
    ],
    [
      'for another territory than the pinned one',
      async () => {
        const parties = [{ ...(await entryOf(overseas)), territory: 'XX' }, await entryOf(home)]
        return { agreement: await signedBy(await rawTerms([], { parties }), [federation(overseas)]) }
      },
      'agreement-invalid',
    ],
    [
      'that are over',
      async () => {
        const terms = await rawTerms([overseas, home], { iat: 1, nbf: 1, review_by: 2, exp: 3 })
        return { agreement: await signedBy(terms, [federation(overseas)]) }
      },
      'agreement-state',
    ],
    [
      'with unknown members of the request',
      async () => ({
        agreement: await signedBy(await rawTerms([overseas, home]), [federation(overseas)]),
        extra: 1,
      }),
      'request-invalid',
    ],
    ['that are none', async () => ({ agreement: { payload: 'e30', signatures: [] } }), 'request-invalid'],
  ]
  test.each(REFUSED)('are refused %s', async (_, make, code) => {
    const refused = await sendAs(overseas, home, PATH, await make())
    expect((await problemOf(refused))[1]).toBe(code)
  })

  test('are refused with another payload under the same name, and both are kept as proof', async () => {
    const terms = await rawTerms([overseas, home])
    const sign = async (change: object) => ({
      agreement: await signedBy({ ...terms, ...change }, [federation(overseas)]),
    })
    expect((await sendAs(overseas, home, PATH, await sign({}))).status).toBe(201)
    const other = await sendAs(overseas, home, PATH, await sign({ notice_period_days: 1 }))
    expect(await problemOf(other)).toEqual([409, 'agreement-forked'])
    const kept = await home.database.db
      .selectFrom('agreement_fork')
      .selectAll()
      .where('agreement', '=', terms.jti.slice('urn:uuid:'.length))
      .execute()
    expect(kept).toMatchObject([{ entity_id: overseas.url, seq: null }])
    expect([kept[0]?.known, kept[0]?.other].every((each) => each?.includes('signatures') === true)).toBe(true)
  })

  test('are refused from whoever is not pinned, and its address is never asked for anything', async () => {
    const asked: string[] = []
    const listener = await listen(
      (request) => {
        asked.push(request.url)
        return Promise.resolve(new Response('[]'))
      },
      { host: '127.0.0.1', port: 0 },
    )
    const agreement = await signedBy(await rawTerms([stranger, home]), [federation(stranger)])
    const names = [
      `http://127.0.0.1:${listener.port}`,
      `http://localhost:${listener.port}`,
      'https://169.254.169.254',
      'https://10.0.0.1',
      'https://[::1]',
      'https://[fd00::1]',
      'https://metadata.google.internal',
      stranger.url,
    ]
    for (const iss of names) {
      const refused = await sendAs(stranger, home, PATH, { agreement }, { claims: { iss, sub: iss } })
      expect(await problemOf(refused)).toEqual([403, 'foreign-root-unknown'])
    }
    await listener.stop(0)
    expect(asked).toEqual([])
  })

  test.each([
    ['of another signer', async () => ({ signer: await newSigner() })],
    ['for another root', () => ({ claims: { aud: 'https://root.example' } })],
    ['for another address', () => ({ claims: { path: '/v1/agreements/x/events' } })],
    ['from long ago', () => ({ claims: { iat: 1, exp: 200 } })],
  ] as const)('are refused in a request %s', async (_, options) => {
    const agreement = await signedBy(await rawTerms([overseas, home]), [federation(overseas)])
    const refused = await sendAs(overseas, home, PATH, { agreement }, await options())
    expect(await problemOf(refused)).toEqual([401, 'request-signature-invalid'])
  })

  test('are refused as another media type', async () => {
    const refused = await sendAs(overseas, home, PATH, {}, { mediaType: 'application/json' })
    expect((await problemOf(refused))[1]).toBe('media-type-unsupported')
  })
})

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
    const first = atOverseas?.events.find(({ iss }) => iss === overseas.url) as unknown as { hash: string }
    const at = Math.floor(Date.now() / 1000)
    const event = async (change: Partial<AgreementEvent>, signer = federation(overseas)) => ({
      event: await signAgreementEvent(signer, {
        iss: overseas.url,
        iat: at,
        jti: v7(),
        agreement: jti as never,
        agreement_hash: hash,
        towards: 'all',
        seq: 2,
        prev: first.hash,
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

test('a root that is unpinned is no longer listened to', async () => {
  await home.act('foreign-root:pin', pinOf(stranger))
  const agreement = await signedBy(await rawTerms([stranger, home]), [federation(stranger)])
  expect((await sendAs(stranger, home, PATH, { agreement })).status).toBe(201)
  await home.act('foreign-root:unpin', { entity_id: stranger.url })
  const refused = await sendAs(stranger, home, PATH, { agreement })
  expect(await problemOf(refused)).toEqual([403, 'foreign-root-unknown'])
})
