import type { VerifiedDecision } from '@arc3088/issuer'
import {
  createMemorySigner,
  generateSigningKey,
  rootKeySetHash,
  signRootKeySet,
  type Signer,
} from '@arc3088/records'
import { describe, expect, test } from 'vitest'

import { foldPins, pinFault, type ForeignRootPin } from './foreign-root.ts'
import { everyFederationKey, newestOf, walkSuccession } from './key-succession.ts'

const jws = { payload: 'e30', signatures: [{ protected: 'e30', signature: 'AA' }] }
const pin = (host: string, prefix: string): ForeignRootPin => ({
  entity_id: `https://${host}.example`,
  root_keys: jws,
  territory: 'SG',
  code_prefixes: [prefix],
})
const decided = (kind: string, payload: object, nth = 1): VerifiedDecision => ({
  proposalId: `p${nth}`,
  kind,
  payload: { ...payload },
  hash: `hash-${nth}`,
  decidedAt: new Date(nth),
})
const own = { entityId: 'https://root.example', prefix: '1.2.156.3088' }

describe('who is pinned', () => {
  test('follows from the decisions in their order', () => {
    const first = pin('b', '1.3.6')
    const roots = foldPins([
      decided('foreign-root:pin', first, 1),
      decided('foreign-root:unpin', { entity_id: first.entity_id }, 2),
      decided('foreign-root:pin', { ...first, territory: 'BR' }, 3),
      decided('foreign-root:pin', pin('c', '1.3.7'), 4),
      decided('foreign-root:unpin', { entity_id: 'https://c.example' }, 5),
      decided('foreign-root:unpin', { entity_id: 'https://nobody.example' }, 6),
    ])
    expect(
      [...roots.values()].map(({ entityId, territory, pinned, decision }) => [
        entityId,
        territory,
        pinned,
        decision,
      ]),
    ).toEqual([
      ['https://b.example', 'BR', true, 'hash-3'],
      ['https://c.example', 'SG', false, 'hash-5'],
    ])
  })

  test.each([
    ['its own prefix', pin('b', '1.2.156.3088'), 'prefix-overlap'],
    ['a prefix below its own', pin('b', '1.2.156.3088.1'), 'prefix-overlap'],
    ['the prefix of another', pin('b', '1.3.6'), 'prefix-overlap'],
    ['a prefix above that of another', pin('b', '1.3'), 'prefix-overlap'],
    ['itself', { ...pin('b', '1.3.9'), entity_id: own.entityId }, 'foreign-root-invalid'],
    ['a prefix of its own', pin('b', '1.3.9'), undefined],
    ['its prefix again', pin('a', '1.3.6'), undefined],
    ['the prefix of a root that was unpinned', pin('b', '1.3.8'), undefined],
  ])('a root with %s', (_, wanted, because) => {
    const roots = foldPins([
      decided('foreign-root:pin', pin('a', '1.3.6')),
      decided('foreign-root:pin', pin('z', '1.3.8')),
      decided('foreign-root:unpin', { entity_id: 'https://z.example' }),
    ])
    expect(pinFault(wanted, own, roots)?.because).toBe(because)
  })
})

async function newKey(): Promise<Signer> {
  const { privateJwk } = await generateSigningKey('ES256')
  return await createMemorySigner({ alg: 'ES256', privateJwk })
}

describe('the succession of key sets', () => {
  test('is walked as far as it is sound; what follows nothing, or forks, is left out', async () => {
    const [rootKey, one, two, thief] = await Promise.all([newKey(), newKey(), newKey(), newKey()])
    const iss = 'https://b.example'
    const claims = { iss, threshold: 1, root_keys: [rootKey.publicJwk], nbf: 1000, exp: 2000 }
    const first = await signRootKeySet([rootKey], {
      ...claims,
      seq: 1,
      prev: null,
      keys: { federation: [one.publicJwk] },
    })
    const prev = await rootKeySetHash(first)
    const second = await signRootKeySet([rootKey], {
      ...claims,
      seq: 2,
      prev,
      keys: { federation: [two.publicJwk] },
    })
    const stolen = await signRootKeySet([thief], {
      ...claims,
      root_keys: [thief.publicJwk],
      seq: 2,
      prev,
      keys: { federation: [one.publicJwk] },
    })
    const walk = await walkSuccession(first, [stolen, second, first])
    expect(walk?.broken).toBeUndefined()
    expect(walk?.sets.map(({ claims: { seq } }) => seq)).toEqual([1, 2])
    if (walk === undefined) throw new Error('the first set is sound')
    expect(newestOf(walk.sets).claims.keys.federation.map(({ kid }) => kid)).toEqual([two.kid])
    expect(everyFederationKey(walk.sets).map(({ kid }) => kid)).toEqual([one.kid, two.kid])
    const other = await signRootKeySet([rootKey], {
      ...claims,
      seq: 2,
      prev,
      exp: 1999,
      keys: { federation: [two.publicJwk] },
    })
    const forked = await walkSuccession(first, [second, other])
    expect([forked?.sets.length, forked?.broken]).toEqual([1, expect.stringContaining('two key sets follow')])
    expect(await walkSuccession(jws, [second])).toBeUndefined()
  })
})
