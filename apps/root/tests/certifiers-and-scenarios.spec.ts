import { MEDIA_TYPE, verifyCertifierList, verifyScenarioTable, type ScenarioTable } from '@arc3088/records'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { federationKeys, readList } from './authority-lists.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { newSigner, readJson } from './test-applicant.ts'

let root: TestRoot
const crash = { at: '' }
beforeAll(async () => {
  root = await startTestRoot({
    reached: (step) => {
      if (step !== crash.at) return
      crash.at = ''
      throw new Error(`cut at ${step}`)
    },
  })
})
afterAll(async () => {
  await root[Symbol.asyncDispose]()
})

const certifiers = async () =>
  await readList(root, {
    path: '/v1/certifiers',
    mediaType: MEDIA_TYPE.certifierList,
    verify: verifyCertifierList,
  })

let entities = 0
async function registration(change: object = {}) {
  const { publicJwk } = await newSigner()
  return {
    entity_id: `https://certifier-${++entities}.example`,
    name: { zh: '认证中心', en: 'Certification centre' },
    jwks: { keys: [publicJwk] },
    scope: { scenarios: ['finance'], schemes: ['GB/T 1'] },
    valid_from: '2026-01-01T00:00:00Z',
    valid_until: '2036-01-01T00:00:00Z',
    ...change,
  }
}

describe('a certifier', () => {
  test('is registered, suspended, resumed and removed; each list is bound to the one before and logged', async () => {
    const ask = await registration()
    const { entity_id } = ask
    let before = await certifiers()
    for (const [kind, what, state] of [
      ['certifier:register', ask, 'active'],
      ['certifier:suspend', { entity_id }, 'suspended'],
      ['certifier:resume', { entity_id }, 'active'],
      ['certifier:remove', { entity_id }, 'removed'],
    ] as const) {
      const outcome = await root.act(kind, what)
      const list = await certifiers()
      expect(list).toMatchObject({ seq: before.seq + 1, prev: before.digest })
      expect(outcome).toMatchObject({ entity_id, state, list: { seq: list.seq, digest: list.digest } })
      expect(list.entries.find((entry) => entry.entity_id === entity_id)).toMatchObject({
        state,
        jwks: ask.jwks,
        scope: ask.scope,
        valid_until: 2_082_758_400,
      })
      before = list
    }
    await expect
      .poll(async () => await (await root.get('/v1/changes?after=0')).text())
      .toContain(`"t":"list","c":"${root.url}/v1/certifiers","h":"${before.digest}"`)
    for (const kind of ['certifier:suspend', 'certifier:resume', 'certifier:remove'])
      await expect(root.propose(kind, { entity_id })).rejects.toThrow('certifier-state')
    await expect(root.propose('certifier:register', ask)).rejects.toThrow('certifier-known')
  })

  test('is not there by one officer alone', async () => {
    const before = await certifiers()
    const proposal = await root.propose('certifier:register', await registration())
    expect((await root.approve(proposal, 'ann')).status).toBe(403)
    expect((await certifiers()).digest).toBe(before.digest)
  })

  test('is read in JSON, with 304 for who has it', async () => {
    await root.act('certifier:register', await registration())
    const response = await root.get('/v1/certifiers', { accept: 'application/json' })
    expect(await readJson(response)).toMatchObject({ page: 1, seq: (await certifiers()).seq })
    const etag = (await root.get('/v1/certifiers')).headers.get('etag') ?? ''
    expect((await root.get('/v1/certifiers', { 'if-none-match': etag })).status).toBe(304)
  })

  test('that another decision made impossible is not moved: the proposal stays pending', async () => {
    const ask = await registration({ valid_until: new Date(Date.now() + 3_600_000).toISOString() })
    await root.act('certifier:register', ask)
    const suspend = await root.propose('certifier:suspend', { entity_id: ask.entity_id })
    // The object is claimed, so that no other act can come in between.
    await expect(root.propose('certifier:remove', { entity_id: ask.entity_id })).rejects.toThrow(
      'proposal-pending',
    )
    expect((await root.approve(suspend)).status).toBe(201)
  })

  test.each([
    ['whose time is past', { valid_until: '2026-02-01T00:00:00Z' }, 'request-invalid'],
    ['whose time ends before it begins', { valid_from: '2037-01-01T00:00:00Z' }, 'request-invalid'],
    [
      'with a scenario that there is not',
      { scope: { scenarios: ['astrology'], schemes: ['a'] } },
      'request-invalid',
    ],
    ['with an unknown member', { colour: 'red' }, 'request-invalid'],
    ['without a key', { jwks: { keys: [] } }, 'request-invalid'],
  ])('%s is refused when it is proposed', async (_, change, because) => {
    await expect(root.propose('certifier:register', await registration(change))).rejects.toThrow(because)
  })

  test('whose key has a kid of its own choice is refused', async () => {
    const ask = await registration()
    const keys = ask.jwks.keys.map((key) => ({ ...key, kid: 'A'.repeat(43) }))
    await expect(root.propose('certifier:register', { ...ask, jwks: { keys } })).rejects.toThrow(
      'request-invalid',
    )
  })

  test('that nobody registered is not moved', async () => {
    await expect(root.propose('certifier:suspend', { entity_id: 'https://nobody.example' })).rejects.toThrow(
      'certifier-not-found',
    )
  })

  test('whose registration is cut is not there, and the same approval registers it', async () => {
    const before = await certifiers()
    const proposal = await root.propose('certifier:register', await registration())
    crash.at = 'certifier:moved'
    expect((await root.approve(proposal)).status).toBe(500)
    expect((await certifiers()).digest).toBe(before.digest)
    expect((await root.approve(proposal)).status).toBe(201)
    expect((await certifiers()).seq).toBe(before.seq + 1)
  })
})

async function scenarios(): Promise<ScenarioTable> {
  const response = await root.get('/v1/scenarios')
  const verified = await verifyScenarioTable(await response.text(), federationKeys(root))
  if (verified.kind === 'rejected') throw new Error(verified.detail)
  return verified.claims
}

describe('the scenario table', () => {
  test('begins with the six sensitive fields of the policy, and changes by decision alone', async () => {
    const first = await scenarios()
    expect(first).toMatchObject({ seq: 1, prev: null, decision: null })
    expect(first.scenarios.filter(({ tier }) => tier === 'sensitive').map(({ item }) => item)).toEqual([
      19, 21, 26, 29, 30, 31,
    ])
    const outcome = await root.act('scenarios:set', { tiers: { education: 'sensitive' } })
    const second = await scenarios()
    expect(second).toMatchObject({ seq: 2, prev: first.digest, digest: outcome['digest'] })
    expect(second.decision).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(second.scenarios.find(({ name }) => name === 'education')).toMatchObject({
      tier: 'sensitive',
      since: second.since,
    })
    expect(second.scenarios.filter(({ since }) => since !== second.since)).toHaveLength(18)
    const shown = await readJson(await root.get('/v1/scenarios', { accept: 'application/json' }))
    expect(shown).toMatchObject({ seq: 2, digest: second.digest, decision: second.decision })
  })

  test.each([
    ['what it says already', { tiers: { finance: 'sensitive' } }],
    ['an unknown scenario', { tiers: { astrology: 'ordinary' } }],
    ['an unknown tier', { tiers: { finance: 'harmless' } }],
    ['an unknown member', { tiers: { finance: 'ordinary' }, colour: 'red' }],
  ])('refuses %s when it is proposed', async (_, ask) => {
    await expect(root.propose('scenarios:set', ask)).rejects.toThrow('request-invalid')
  })

  test('that is cut while it is set is as before, and the same approval sets it', async () => {
    const before = await scenarios()
    const proposal = await root.propose('scenarios:set', { tiers: { bidding: 'sensitive' } })
    crash.at = 'scenarios:set'
    expect((await root.approve(proposal)).status).toBe(500)
    expect((await scenarios()).digest).toBe(before.digest)
    expect((await root.approve(proposal)).status).toBe(201)
    expect((await scenarios()).seq).toBe(before.seq + 1)
  })
})
