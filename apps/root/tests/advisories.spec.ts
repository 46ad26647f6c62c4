import { readAdvisory, recordHash, verifyAdvisory } from '@arc3088/records'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { federationKeys, readAdvisories, readSigned, uuidOf, WARNING } from './authority-lists.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { createApplicant, makeProvider, readJson, type TestApplicant } from './test-applicant.ts'

let root: TestRoot
let applicant: TestApplicant
beforeAll(async () => {
  root = await startTestRoot()
  applicant = await createApplicant(root)
  await makeProvider(root, applicant, 'A')
})
afterAll(async () => {
  await applicant[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

const publish = async (change: object = {}) =>
  await root.act('advisory:publish', { ...WARNING, affected: ['1.2.156.3088.1.A.2.1.0'], ...change })

describe('an advisory', () => {
  test('is proposed by more at once than there are connections, and nobody waits for a second one', async () => {
    const ask = { ...WARNING, affected: ['1.2.156.3088.1.A'] }
    const body = { kind: 'advisory:publish', ask, reason: 'as was reported' }
    const answers = await Promise.all(
      Array.from({ length: 24 }, async () => await root.officer('ann').post('/v1/desk/proposals', body)),
    )
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201))
  })

  test('that two officers decided is signed, listed and logged, and says by which decision', async () => {
    const before = await readAdvisories(root)
    const outcome = await publish({
      affected: ['1.2.156.3088.1.a.2.1.0', '1.2.156.3088.1.A'],
      scenarios: ['finance'],
      references: [{ uri: 'https://a.example/notice', digest: `sha-256:${'A'.repeat(43)}` }],
      acknowledge_by: '2030-01-01T00:00:00Z',
    })
    const jws = await readSigned(root, `/v1/advisories/${uuidOf(outcome['advisory'])}`)
    const verified = await verifyAdvisory(jws, federationKeys(root))
    if (verified.kind === 'rejected') throw new Error(verified.detail)
    expect(verified.claims).toMatchObject({
      iss: root.url,
      sub: outcome['advisory'],
      version: 1,
      affected: ['1.2.156.3088.1.A.2.1.0', '1.2.156.3088.1.A'],
      acknowledge_by: 1_893_456_000,
      state: 'published',
    })
    const decision = await root.get(`/v1/decisions/${verified.claims.decision}`)
    expect(await decision.json()).toMatchObject({
      kind: 'advisory:publish',
      payload: { advisory: outcome['advisory'] },
    })
    const after = await readAdvisories(root)
    expect(after).toMatchObject({ seq: before.seq + 1, prev: before.digest })
    expect(after.entries.at(-1)).toMatchObject({ id: outcome['advisory'], hash: await recordHash(jws) })
    await expect
      .poll(async () => await (await root.get('/v1/changes?after=0')).text())
      .toContain(after.digest)
    const feed = await (await root.get('/v1/changes?after=0')).text()
    expect(feed).toContain(
      `"t":"advisory","c":"${String(outcome['advisory'])}","h":"${await recordHash(jws)}"`,
    )
    expect(feed).toContain(`"t":"list","c":"${root.url}/v1/advisories","h":"${after.digest}"`)
  })

  test('is revised, and then withdrawn for ever; each version is bound to the one before', async () => {
    const outcome = await publish()
    const advisory = uuidOf(outcome['advisory'])
    const second = await root.act('advisory:revise', {
      advisory,
      ...WARNING,
      severity: 'critical',
      affected: ['1.2.156.3088.1.A'],
    })
    expect(second).toMatchObject({ version: 2 })
    const third = await root.act('advisory:withdraw', { advisory })
    expect(third).toMatchObject({ version: 3 })
    const versions = await Promise.all(
      [1, 2, 3].map(async (version) => {
        const jws = await readSigned(root, `/v1/advisories/${advisory}?version=${version}`)
        const read = readAdvisory(jws)
        if (read.kind === 'rejected') throw new Error(read.detail)
        return { claims: read.claims, hash: await recordHash(jws) }
      }),
    )
    expect(versions.map(({ claims }) => claims.prev)).toEqual([
      undefined,
      versions[0]?.hash,
      versions[1]?.hash,
    ])
    expect(versions[2]?.claims).toMatchObject({ state: 'withdrawn', severity: 'critical' })
    const { entries } = await readAdvisories(root)
    expect(entries.filter(({ id }) => id === outcome['advisory'])).toMatchObject([
      { version: 3, state: 'withdrawn' },
    ])
    for (const [kind, ask] of [
      ['advisory:withdraw', { advisory }],
      ['advisory:revise', { advisory, ...WARNING, affected: ['1.2.156.3088.1.A'] }],
    ] as const)
      await expect(root.propose(kind, ask)).rejects.toThrow('advisory-state')
  })

  test('by one officer alone is nothing: neither the list nor the address shows it', async () => {
    const before = await readAdvisories(root)
    const proposal = await root.propose('advisory:publish', { ...WARNING, affected: ['1.2.156.3088.1.A'] })
    expect((await root.approve(proposal, 'ann')).status).toBe(403)
    expect((await readAdvisories(root)).digest).toBe(before.digest)
    const { status } = await root.get(`/v1/advisories/${uuidOf(proposal.payload['advisory'])}`)
    expect(status).toBe(404)
  })

  test('has one pending proposal at most', async () => {
    const advisory = uuidOf((await publish())['advisory'])
    await root.propose('advisory:withdraw', { advisory })
    await expect(root.propose('advisory:withdraw', { advisory })).rejects.toThrow('proposal-pending')
  })

  test('that is approved twice under one key is issued once', async () => {
    const proposal = await root.propose('advisory:publish', { ...WARNING, affected: ['1.2.156.3088.1.A'] })
    const [first, second] = [await root.approve(proposal), await root.approve(proposal)]
    expect([first.status, second.status]).toEqual([201, 201])
    expect(await second.json()).toMatchObject({
      outcome: (await readJson(first))['outcome'] as object,
    })
    const { entries } = await readAdvisories(root)
    expect(entries.filter(({ id }) => id === proposal.payload['advisory'])).toHaveLength(1)
  })

  test.each([
    ['a text that is no code', { affected: ['1.2.156.3088.1.0'] }, 'code-malformed'],
    ['a code of a root that nobody knows', { affected: ['1.2.999.1.1.1'] }, 'code-malformed'],
    ['a code below no provider', { affected: ['1.2.156.3088.1.ZZZ'] }, 'code-not-found'],
    [
      'an end that is past',
      { affected: ['1.2.156.3088.1.A'], acknowledge_by: '2020-01-01T00:00:00Z' },
      'request-invalid',
    ],
    ['an unknown member', { affected: ['1.2.156.3088.1.A'], colour: 'red' }, 'request-invalid'],
    [
      'an unknown member within',
      { affected: ['1.2.156.3088.1.A'], title: { zh: 'a', en: 'b', fr: 'c' } },
      'request-invalid',
    ],
    ['nothing that is affected', { affected: [] }, 'request-invalid'],
  ])('with %s is refused when it is proposed', async (_, change, because) => {
    await expect(root.propose('advisory:publish', { ...WARNING, ...change })).rejects.toThrow(because)
  })

  test('that was never published can be neither revised nor withdrawn', async () => {
    await expect(root.propose('advisory:withdraw', { advisory: v7() })).rejects.toThrow('advisory-not-found')
  })
})

describe('the list', () => {
  test('is the same bytes for a while, and 304 for whoever has them', async () => {
    const [one, two] = [await root.get('/v1/advisories'), await root.get('/v1/advisories')]
    expect(await two.text()).toBe(await one.text())
    const etag = one.headers.get('etag') ?? ''
    expect((await root.get('/v1/advisories', { 'if-none-match': etag })).status).toBe(304)
    expect(one.headers.get('cache-control')).toBe('public, max-age=60')
    await publish()
    expect((await root.get('/v1/advisories', { 'if-none-match': etag })).status).toBe(200)
  })

  test('grows by one with each decision, whatever is asked in between', async () => {
    const seqs: number[] = []
    for (let nth = 0; nth < 3; nth += 1) {
      seqs.push((await readAdvisories(root)).seq)
      await publish()
    }
    expect(seqs.map((seq) => seq - (seqs[0] ?? 0))).toEqual([0, 1, 2])
  })

  test('is shown in JSON, and by a code: whatever stands above it', async () => {
    const { advisory } = await publish({ affected: ['1.2.156.3088.1.A.9.3.0'] })
    const found = await root.get('/v1/advisories?code=1.2.156.3088.1.a.9.3.77')
    expect(found.headers.get('content-type')).toBe('application/json')
    const { items } = (await found.json()) as { items: { id: string; uri: string }[] }
    expect(items.map(({ id }) => id)).toContain(advisory)
    expect(items.find(({ id }) => id === advisory)?.uri).toBe(`${root.url}/v1/advisories/${uuidOf(advisory)}`)
    const other = await (await root.get('/v1/advisories?code=1.2.156.3088.1.A.9.4.0')).json()
    expect(JSON.stringify(other)).not.toContain(String(advisory))
  })

  test('goes over to a second page, and each page is of the same list', async () => {
    for (let { entries } = await readAdvisories(root); entries.length <= 100;) {
      await publish()
      ;({ entries } = await readAdvisories(root))
    }
    const { entries, digest } = await readAdvisories(root)
    const second = await readJson(await root.get('/v1/advisories?page=2', { accept: 'application/json' }))
    expect(second).toMatchObject({ page: 2, pages: 2, digest, items: [{ id: entries.at(100)?.id }] })
    const { status } = await root.get('/v1/advisories?page=3')
    expect(status).toBe(400)
  }, 120_000)

  test.each([
    ['?code=nonsense', 400, 'code-malformed'],
    ['?page=900', 400, 'request-invalid'],
    ['?page=0', 400, 'request-invalid'],
    ['?colour=red', 400, 'request-invalid'],
  ])('%s is refused with %i', async (query, status, code) => {
    const response = await root.get(`/v1/advisories${query}`)
    expect([response.status, (await readJson(response))['code']]).toEqual([status, code])
  })
})
