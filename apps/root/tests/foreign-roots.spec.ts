import { parseStrictJson, rootKeySetHash, signRootKeySet, verifyRootKeySet } from '@arc3088/records'
import { signFirstKeySet } from '@arc3088/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { OVERSEAS, pinOf, termsWith, THIRD } from './agreement-roots.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { newSigner } from './test-applicant.ts'

let home: TestRoot
let overseas: TestRoot
beforeAll(async () => {
  home = await startTestRoot()
  overseas = await startTestRoot({}, OVERSEAS)
})
afterAll(async () => {
  await home[Symbol.asyncDispose]()
  await overseas[Symbol.asyncDispose]()
})

/** The pin of a root that nobody runs. */
async function pinOfNobody(entityId: string, prefix: string) {
  const keys = { root: await newSigner(), federation: await newSigner() }
  const sets = await signFirstKeySet(entityId, keys, Math.floor(Date.now() / 1000) - 60)
  const [set] = parseStrictJson(sets) as object[]
  return { entity_id: entityId, root_keys: set, territory: 'XX', code_prefixes: [prefix] }
}

const deskView = async () => {
  const { items } = (await (await home.officer('auditor').get('/v1/desk/foreign-roots')).json()) as {
    items: { entity_id: string; pinned: boolean; key_set: { seq: number }; tlog: string | null }[]
  }
  return items
}

test('a pinned root is asked for its keys and its configuration, and shown at the desk', async () => {
  await home.act('foreign-root:pin', pinOf(overseas))
  await expect
    .poll(async () => (await deskView()).find(({ entity_id: id }) => id === overseas.url))
    .toMatchObject({
      pinned: true,
      key_set: { seq: 1 },
      tlog: `${overseas.url.slice('http://'.length)}/tlog`,
    })
})

test('a root is not unpinned while an agreement with it is not over', async () => {
  const { jti } = await home.act('agreement:propose', termsWith([overseas]))
  const unpin = { entity_id: overseas.url }
  await expect(home.propose('foreign-root:unpin', unpin)).rejects.toThrow('foreign-root-in-use')
  await home.act('agreement:terminate', { jti, reason: 'made by mistake' })
  await home.act('foreign-root:unpin', unpin)
  await expect(home.act('agreement:propose', termsWith([overseas]))).rejects.toThrow('foreign-root-unknown')
  await home.act('foreign-root:pin', pinOf(overseas))
})

test.each([
  ['its own', '1.2.156.3088'],
  ['below its own', '1.2.156.3088.9'],
  ['above its own', '1.2.156'],
  ['of another pinned root', OVERSEAS.prefix],
  ['below that of another', `${OVERSEAS.prefix}.1`],
])('a prefix that is %s is refused', async (_, prefix) => {
  const pin = await pinOfNobody('https://other.example', prefix)
  await expect(home.propose('foreign-root:pin', pin)).rejects.toThrow('prefix-overlap')
})

test('two pins of one prefix that wait at once: the second is not carried out', async () => {
  const [one, two] = [
    await home.propose('foreign-root:pin', await pinOfNobody('https://one.example', '1.3.7')),
    await home.propose('foreign-root:pin', await pinOfNobody('https://two.example', '1.3.7.1')),
  ]
  expect((await home.approve(one)).status).toBe(201)
  const refused = await home.approve(two)
  expect([refused.status, await refused.text()]).toEqual([409, expect.stringContaining('prefix-overlap')])
})

test('a key set that is of another, changed, or over is refused', async () => {
  const pin = await pinOfNobody('https://other.example', '1.3.8')
  const set = pin.root_keys as { payload: string; signatures: object[] }
  const bad = [
    { ...pin, entity_id: 'https://another.example' },
    { ...pin, root_keys: { ...set, payload: `${set.payload.slice(0, -2)}AA` } },
    { ...pin, entity_id: home.url },
  ]
  for (const each of bad)
    await expect(home.propose('foreign-root:pin', each)).rejects.toThrow('foreign-root-invalid')
  const keys = { root: await newSigner(), federation: await newSigner() }
  const [old] = parseStrictJson(await signFirstKeySet('https://other.example', keys, 1000)) as object[]
  await expect(home.propose('foreign-root:pin', { ...pin, root_keys: old })).rejects.toThrow(
    'foreign-root-invalid',
  )
  await expect(home.propose('foreign-root:pin', { ...pin, extra: 1 })).rejects.toThrow('request-invalid')
})

test('a root at an address that is not public is pinned and never asked', async () => {
  await home.act('foreign-root:pin', await pinOfNobody('https://10.0.0.1', '1.3.10'))
  await expect.poll(() => home.logged.join('')).toContain('10.0.0.1 is a private address')
  await home.act('foreign-root:unpin', { entity_id: 'https://10.0.0.1' })
  const view = await deskView()
  expect(view.find(({ entity_id: id }) => id === 'https://10.0.0.1')).toMatchObject({ pinned: false })
})

test('the succession of a pinned root is walked, and a set that does not follow is passed over', async () => {
  const other = await startTestRoot({}, THIRD)
  try {
    await home.act('foreign-root:pin', pinOf(other))
    const [first] = parseStrictJson(other.keySets) as [never]
    const verified = await verifyRootKeySet(first)
    if (verified.kind === 'rejected') throw new Error(verified.detail)
    const next = { ...verified.claims, seq: 2, prev: await rootKeySetHash(first) }
    const set = await signRootKeySet([other.keys.signer('root')], next)
    const forged = await signRootKeySet([await newSigner()], {
      ...next,
      root_keys: [(await newSigner()).publicJwk],
    }).catch(() => undefined)
    expect(forged).toBeDefined()
    const { foreignRoots } = home.root.deps
    const root = await foreignRoots.demandPinned(other.url)
    expect((await foreignRoots.succession(root)).length).toBe(1)
    for (const jws of [forged, set])
      await home.database.db
        .insertInto('foreign_root_key_set')
        .values({
          entity_id: other.url,
          hash: `h${jws === set ? 1 : 2}`,
          seq: 2,
          jws: JSON.stringify(jws),
          fetched_at: new Date(),
        })
        .execute()
    // Rows are worth what their signatures are: the forged one leads nowhere.
    expect((await foreignRoots.succession(root)).map(({ claims }) => claims.seq)).toEqual([1, 2])
  } finally {
    await other[Symbol.asyncDispose]()
  }
})

test('a pin that rows alone say is none', async () => {
  const pin = await pinOfNobody('https://forged.example', '1.3.11')
  const { db } = home.database
  const officer = home.officer('ann').id
  const id = home.root.deps.node.ambient.newId()
  await db
    .insertInto('proposal')
    .values({
      id,
      kind: 'foreign-root:pin',
      payload: JSON.stringify(pin),
      payload_hash: 'sha-256:forged',
      proposer: officer,
      proposed_at: new Date(),
      expires_at: new Date(Date.now() + 1000),
      decided_at: new Date(),
      state: 'approved',
    })
    .execute()
  await db
    .insertInto('decision')
    .values({
      proposal_id: id,
      hash: 'forged',
      jws: JSON.stringify({ payload: 'e30', signatures: [{ protected: 'e30', signature: 'AA' }] }),
      decided_at: new Date(),
    })
    .execute()
  expect((await deskView()).map(({ entity_id: entity }) => entity)).not.toContain('https://forged.example')
  expect(home.logged.join('')).toContain('is not borne out')
})
