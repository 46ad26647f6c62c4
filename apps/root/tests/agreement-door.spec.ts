import { listen } from '@arc3088/service'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { PROPOSALS_KEPT_MAX } from '../src/agreements/receive-agreement.ts'
import { OVERSEAS, pinEachOther, pinOf, shown, THIRD } from './agreement-roots.ts'
import { entryOf, problemOf, rawTerms, sendAs, signedBy } from './agreement-wire.ts'
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
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b)
    expect(statuses).toEqual([...Array<number>(7).fill(200), 201])
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

test('proposals that are over make no room for ever more: all that are kept are read', async () => {
  const from = (sender: string) =>
    Array.from({ length: PROPOSALS_KEPT_MAX }, () => {
      const id = v7()
      return { id, hash: id, payload: 'e30', sender, received_at: new Date() }
    })
  const agreement = await signedBy(await rawTerms([overseas, home]), [federation(overseas)])
  await home.database.db.insertInto('agreement').values(from('https://other.example')).execute()
  expect((await sendAs(overseas, home, PATH, { agreement })).status).toBe(201)
  await home.database.db.insertInto('agreement').values(from(overseas.url)).execute()
  const next = await signedBy(await rawTerms([overseas, home]), [federation(overseas)])
  expect((await problemOf(await sendAs(overseas, home, PATH, { agreement: next })))[1]).toBe(
    'agreement-limit',
  )
  // What was taken before is answered as before.
  expect((await sendAs(overseas, home, PATH, { agreement })).status).toBe(200)
})

test('a root that is unpinned is no longer listened to', async () => {
  await home.act('foreign-root:pin', pinOf(stranger))
  const agreement = await signedBy(await rawTerms([stranger, home]), [federation(stranger)])
  expect((await sendAs(stranger, home, PATH, { agreement })).status).toBe(201)
  await home.act('foreign-root:unpin', { entity_id: stranger.url })
  const refused = await sendAs(stranger, home, PATH, { agreement })
  expect(await problemOf(refused)).toEqual([403, 'foreign-root-unknown'])
})
