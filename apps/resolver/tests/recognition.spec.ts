import { encodeBase64url, signAgreementPart, signRecognitionList } from '@arc3088/records'
import { afterEach, describe, expect, test } from 'vitest'

import { startTestResolver, type TestResolver } from './running-resolver.ts'
import { startSignedNode } from './signed-nodes.ts'
import {
  F_INSTANCE,
  F_ONTOLOGY,
  F_PROVIDER,
  startTwoRoots,
  type TwoRoots,
  type Variations,
} from './two-roots.ts'

let resources = new AsyncDisposableStack()
afterEach(async () => {
  await resources.disposeAsync()
  resources = new AsyncDisposableStack()
})

async function start(variations: Variations = {}): Promise<{ two: TwoRoots; resolver: TestResolver }> {
  const two = resources.use(await startTwoRoots(variations))
  const resolver = resources.use(await startTestResolver(two.anchor))
  return { two, resolver }
}

const CODE = F_INSTANCE.text

async function verdictOf(resolver: TestResolver, code: string = CODE, query = '') {
  const { verdict, reasons } = await resolver.resolve(code, query)
  const [first] = reasons as { code: string }[]
  return { verdict, reason: first?.code }
}

describe('a code under a root that ours recognises', () => {
  test('resolves valid, names the agreement, and asks the list for every code no more than its ttl demands', async () => {
    const { two, resolver } = await start()
    const answer = await resolver.resolve(CODE.toLowerCase())
    expect(answer).toMatchObject({
      code: CODE,
      verdict: 'valid',
      reasons: [],
      recognition: {
        trust_anchor: two.foreign.url,
        agreement: { jti: two.jti, hash: two.hash },
        state: 'in-force',
        list: { iss: two.home.url, seq: 1 },
      },
    })
    expect(await verdictOf(resolver, F_ONTOLOGY.text)).toMatchObject({ verdict: 'valid' })
    expect(await verdictOf(resolver, F_PROVIDER.text)).toMatchObject({ verdict: 'valid' })
    expect(two.home.asked.filter((path) => path === '/v1/recognition-list')).toHaveLength(1)
    // Whom it may ask there, our root has signed: nothing of ours is asked of the other root.
    expect(
      two.foreign.asked.filter((path) => path.includes('recognition') || path.includes('agreements')),
    ).toEqual([])
  })

  test('resolves in a batch, beside codes of nobody', async () => {
    const { resolver } = await start()
    const response = await resolver.post(JSON.stringify([CODE, '1.2.840.1.1.1', 'x']), 'application/json')
    const answers = (await response.json()) as { verdict: string }[]
    expect(answers.map(({ verdict }) => verdict)).toEqual(['valid', 'not-recognised', 'malformed'])
  })

  test('is not recognised where no entry has its prefix, and nobody but our root is asked', async () => {
    const { two, resolver } = await start()
    expect(await verdictOf(resolver, '1.2.702.9998.1.1.34C2.478BDF.3GF546')).toEqual({
      verdict: 'not-recognised',
      reason: 'prefix-not-recognised',
    })
    expect(two.foreign.asked).toEqual([])
  })

  test('is not recognised at a level outside the scope, which is explained', async () => {
    const { resolver } = await start({
      terms: {
        scope: {
          reciprocal: true,
          levels: ['provider'],
          scheme_versions: ['1'],
          purposes: ['resolution'],
        },
      },
    })
    expect(await verdictOf(resolver, F_PROVIDER.text)).toMatchObject({ verdict: 'valid' })
    expect(await verdictOf(resolver)).toEqual({
      verdict: 'not-recognised',
      reason: 'recognition-out-of-scope',
    })
  })

  test('says indeterminate while the other root is silent, and valid when it speaks again', async () => {
    const { two, resolver } = await start()
    two.foreign.setSilent(true)
    const { verdict, reason } = await verdictOf(resolver)
    expect({ verdict, reason }).toEqual({ verdict: 'indeterminate', reason: 'upstream-unreachable' })
    two.foreign.setSilent(false)
    resolver.advanceSeconds(3)
    expect(await verdictOf(resolver)).toMatchObject({ verdict: 'valid' })
  })

  test('says indeterminate, never not-recognised, while our own root is silent', async () => {
    const { two, resolver } = await start()
    two.home.setSilent(true)
    expect(await verdictOf(resolver)).toMatchObject({ verdict: 'indeterminate' })
    expect(await verdictOf(resolver, '1.2.702.9998.1.1')).toMatchObject({ verdict: 'indeterminate' })
  })
})

describe('the effect of what our root decides', () => {
  test('a suspension shows within the ttl of a list, a resumption too', async () => {
    const { two, resolver } = await start()
    expect(await verdictOf(resolver)).toMatchObject({ verdict: 'valid' })
    await two.act('suspend', 'suspended')
    resolver.advanceSeconds(61)
    expect(await verdictOf(resolver)).toEqual({
      verdict: 'recognition-suspended',
      reason: 'recognition-suspended',
    })
    await two.act('resume', 'in-force')
    resolver.advanceSeconds(61)
    expect(await verdictOf(resolver)).toMatchObject({ verdict: 'valid' })
  })

  test('after the end a code from before is recognised historically', async () => {
    const { two, resolver } = await start()
    await two.act('terminate', 'terminated')
    expect(await resolver.resolve(CODE)).toMatchObject({
      verdict: 'recognised-historically',
      recognition: { state: 'terminated', agreement: { jti: two.jti } },
    })
  })

  test('an agreement that has run out recognises no more, whatever its last list says', async () => {
    const iat = Math.floor(Date.now() / 1000) - 86_400
    const { resolver } = await start({ terms: { iat, nbf: iat, exp: iat + 80_000, review_by: iat + 70_000 } })
    expect(await resolver.resolve(CODE)).toMatchObject({
      verdict: 'not-recognised',
      recognition: { state: 'expired' },
    })
  })
})

describe('a list that somebody holds back, or puts back', () => {
  test('a rolled-back list is refused: what came later goes on counting, and is told of', async () => {
    const { two, resolver } = await start()
    const first = await two.publish()
    await two.act('suspend', 'suspended')
    expect(await verdictOf(resolver)).toMatchObject({ verdict: 'recognition-suspended' })
    two.serveList(first)
    resolver.advanceSeconds(61)
    const answer = await resolver.resolve(CODE)
    expect(answer).toMatchObject({ verdict: 'recognition-suspended', recognition: { list: { seq: 3 } } })
    expect(answer['notes']).toContain('list-rolled-back')
    // It is believed no longer than its age allows, so that whoever holds the next one back gains nothing.
    resolver.advanceSeconds(600)
    expect(await verdictOf(resolver)).toEqual({ verdict: 'stale', reason: 'list-rolled-back' })
  })

  test('another list by the number of one that was seen is refused', async () => {
    const { two, resolver } = await start()
    expect(await verdictOf(resolver)).toMatchObject({ verdict: 'valid' })
    await two.publish({ state: 'suspended', state_since: Math.floor(Date.now() / 1000) }, { seq: 1 })
    resolver.advanceSeconds(61)
    const answer = await resolver.resolve(CODE)
    expect(answer).toMatchObject({ verdict: 'valid', notes: expect.arrayContaining(['list-rolled-back']) })
  })

  test('a list that its root signs anew under the same number counts by its new date', async () => {
    const { two, resolver } = await start()
    const first = await two.publish({}, { seq: 1 })
    expect(await verdictOf(resolver)).toMatchObject({ verdict: 'valid' })
    await two.publish({}, { seq: 1, iat: Math.floor(Date.now() / 1000) + 60 })
    resolver.advanceSeconds(61)
    const anew = await resolver.resolve(CODE)
    expect(anew).toMatchObject({ verdict: 'valid', recognition: { list: { seq: 1 } } })
    expect(anew['notes']).not.toContain('list-rolled-back')
    expect((anew['recognition'] as { list: { age: number } }).list.age).toBeLessThan(60)
    // An earlier issue from a cache says the same, and takes nothing back.
    two.serveList(first)
    resolver.advanceSeconds(61)
    const cached = await resolver.resolve(CODE)
    expect(cached['verdict']).toBe('valid')
    expect(cached['notes']).not.toContain('list-rolled-back')
    expect((cached['recognition'] as { list: { age: number } }).list.age).toBeLessThan(120)
  })

  test('a withheld list makes the answer stale when its age is over, and nothing else', async () => {
    const { two, resolver } = await start()
    expect(await verdictOf(resolver)).toMatchObject({ verdict: 'valid' })
    two.serveList(undefined)
    resolver.advanceSeconds(120)
    expect(await resolver.resolve(CODE)).toMatchObject({
      verdict: 'valid',
      notes: expect.arrayContaining(['nodes-unreachable']),
    })
    resolver.advanceSeconds(600)
    expect((await verdictOf(resolver)).verdict).toBe('stale')
  })

  test('a list that was never there leaves it undecided', async () => {
    const { two, resolver } = await start()
    two.serveList(undefined)
    expect(await verdictOf(resolver)).toMatchObject({ verdict: 'indeterminate' })
  })

  test('whoever asks may allow less age than the resolver, and gets a newer list for it', async () => {
    const { two, resolver } = await start()
    await two.publish({}, { iat: Math.floor(Date.now() / 1000) - 300 })
    expect(await verdictOf(resolver)).toMatchObject({ verdict: 'valid' })
    expect(await verdictOf(resolver, CODE, '?policy=list-max-age%3D120')).toEqual({
      verdict: 'stale',
      reason: 'list-too-old',
    })
    await two.publish()
    resolver.advanceSeconds(2)
    expect(await verdictOf(resolver, CODE, '?policy=list-max-age%3D120')).toMatchObject({ verdict: 'valid' })
    const refused = await resolver.get(`/v1/resolve/${CODE}?policy=whatever`)
    expect([refused.status, await refused.json()]).toMatchObject([400, { code: 'request-invalid' }])
  })
})

describe('what is not what it should be', () => {
  test('a list of another root is refused', async () => {
    const { two, resolver } = await start()
    await using stranger = await startSignedNode()
    const list = await two.publish()
    const claims = JSON.parse(Buffer.from(list.split('.')[1] ?? '', 'base64url').toString()) as Parameters<
      typeof signRecognitionList
    >[1]
    two.serveList(await signRecognitionList(stranger.signer('federation'), claims))
    expect((await verdictOf(resolver)).verdict).toBe('signature-invalid')
    two.serveList(await signRecognitionList(two.home.signer('federation'), { ...claims, iss: stranger.url }))
    resolver.advanceSeconds(6)
    expect(await verdictOf(resolver)).toEqual({ verdict: 'chain-invalid', reason: 'iss-wrong' })
    expect(two.foreign.asked).toEqual([])
  })

  test('a forged list does not make a code of nobody a code that is known to be nobody’s', async () => {
    const { two, resolver } = await start()
    const list = await two.publish()
    const at = list.lastIndexOf('.') + 1
    two.serveList(`${list.slice(0, at)}${list[at] === 'A' ? 'B' : 'A'}${list.slice(at + 1)}`)
    expect((await verdictOf(resolver, '1.2.702.9998.1.1')).verdict).toBe('signature-invalid')
  })

  test('a recognised root that says it governs the home prefix is refused', async () => {
    const { resolver } = await start({ foreignPrefix: '1.2.156.3088' })
    expect((await verdictOf(resolver)).verdict).toBe('chain-invalid')
  })

  test('a home code is never asked of a recognised root', async () => {
    const { two, resolver } = await start({ grants: '1.2.156.3088.1.1' })
    await verdictOf(resolver, '1.2.156.3088.1.1.34C2.478BDF.3GF546')
    expect(two.foreign.asked).toEqual([])
    expect(two.provider.asked).toEqual([])
  })

  test('a provider of a recognised root that is granted a home prefix is refused', async () => {
    const { resolver } = await start({ grants: '1.2.156.3088.1.1' })
    expect(await verdictOf(resolver)).toEqual({ verdict: 'chain-invalid', reason: 'prefix-escape' })
  })

  test('an agreement with one bad signature is refused', async () => {
    const { two, resolver } = await start()
    const [mine, other] = two.agreement.signatures
    if (mine === undefined || other === undefined) throw new Error('two signatures are expected')
    const bad = encodeBase64url(new Uint8Array(64).fill(7))
    two.serveAgreement({ ...two.agreement, signatures: [mine, { ...other, signature: bad }] })
    expect(await verdictOf(resolver)).toEqual({
      verdict: 'signature-invalid',
      reason: 'signature-invalid',
    })
  })

  test('an agreement with two signatures by one party is refused', async () => {
    const { resolver } = await start({
      sign: async (payload, home) => ({
        payload,
        signatures: [
          await signAgreementPart(home.signer('federation'), payload),
          await signAgreementPart(home.signer('issuing'), payload),
        ],
      }),
    })
    const { verdict, reason } = await verdictOf(resolver)
    expect(reason).toBe('signer-repeated')
    expect(['signature-invalid', 'chain-invalid']).toContain(verdict)
  })

  test('an agreement that one party has not signed is refused', async () => {
    const { two, resolver } = await start()
    two.serveAgreement({ ...two.agreement, signatures: two.agreement.signatures.slice(0, 1) })
    expect((await verdictOf(resolver)).reason).toBe('signature-missing')
  })
})

describe('GET /v1/recognition', () => {
  test('tells who is recognised now, in which state, and how old the list is', async () => {
    const { two, resolver } = await start()
    await two.act('suspend', 'suspended')
    const response = await resolver.get('/v1/recognition')
    expect(response.status).toBe(200)
    expect(
      Number(/max-age=(\d+)/.exec(response.headers.get('cache-control') ?? '')?.[1]),
    ).toBeLessThanOrEqual(60)
    expect(await response.json()).toMatchObject({
      list: { iss: two.home.url, seq: 2 },
      entries: [
        {
          trust_anchor: two.foreign.url,
          territory: 'SG',
          code_prefixes: ['1.2.702.9999'],
          state: 'suspended',
          agreement: { jti: two.jti, hash: two.hash },
        },
      ],
    })
  })

  test('says that it cannot tell while there is no fit list', async () => {
    const { two, resolver } = await start()
    two.serveList(undefined)
    const response = await resolver.get('/v1/recognition')
    expect([response.status, await response.json()]).toMatchObject([502, { code: 'upstream-unreachable' }])
  })
})
