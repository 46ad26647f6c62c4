import type { PublicJwk } from '@arc3088/records'
import { describe, expect, test } from 'vitest'

import type { HeldKey } from '../src/keys/key-driver.ts'
import { insertReplacement } from '../src/keys/key-replacement.store.ts'
import { readKeys } from '../src/keys/key.store.ts'
import { prepareReplacement } from '../src/keys/prepare-replacement.ts'
import { replaceFederationKey } from '../src/keys/replace-federation-key.ts'
import { ringsAfterReplacement } from '../src/keys/ring-after-replacement.ts'
import { ACTOR, ambientAt, createKeysNode, type KeysNode } from './keys-node.ts'

const FAR = new Date('9999-01-01T00:00:00Z')
const SINCE = new Date('2026-11-22T10:00:00Z')

/** Writes a row past the commands, as whoever has the service role of the database can. */
async function forge(node: KeysNode, held: HeldKey, at = FAR): Promise<void> {
  await node.database.db
    .transaction()
    .execute(async (tx) => await insertReplacement(tx, { held, at, ...ACTOR }))
}

async function foreignKey(): Promise<PublicJwk> {
  await using other = await createKeysNode()
  return (await other.driver.generate('federation', 'ES256')).publicJwk
}

const prepare = async (node: KeysNode, another = false) =>
  (await prepareReplacement(node.parts(), { another, ...ACTOR })).replacement

const replace = async (node: KeysNode, ...stated: PublicJwk[]) =>
  (await replaceFederationKey(node.parts(), stated, { since: SINCE, ...ACTOR })).kid

/** Rows that name what this node does not hold: a key that is not here, another key's file, a driver that nobody has. */
const FORGED: [string, (node: KeysNode, foreign: PublicJwk) => Promise<HeldKey>][] = [
  [
    'a file that is not there',
    (_, publicJwk) => Promise.resolve({ ref: `file:federation.${publicJwk.kid}.jwk.json`, publicJwk }),
  ],
  [
    'the file of another key',
    (_, publicJwk) => Promise.resolve({ ref: 'file:federation.jwk.json', publicJwk }),
  ],
  ['a driver that nobody has', (_, publicJwk) => Promise.resolve({ ref: 'nowhere:1', publicJwk })],
  [
    'the key in use',
    (node) =>
      Promise.resolve({
        ref: 'file:federation.jwk.json',
        publicJwk: node.keys.signer('federation').publicJwk,
      }),
  ],
]

describe('a row past the commands that names', () => {
  test.each(FORGED)('%s is passed over, and said, and the prepared key goes its way', async (_, make) => {
    await using node = await createKeysNode()
    await node.open()
    const forged = await make(node, await foreignKey())
    await forge(node, forged)
    const mine = await prepare(node)
    expect(mine.kid).not.toBe(forged.publicJwk.kid)
    const faults: string[] = []
    const asked = await prepareReplacement(node.parts({ onFault: (fault) => faults.push(fault) }), {
      another: false,
      ...ACTOR,
    })
    expect([asked.replacement.kid, asked.created]).toEqual([mine.kid, false])
    expect(faults).toHaveLength(1)
    expect(faults[0]).toContain(forged.publicJwk.kid)
    const [ring, ...others] = await ringsAfterReplacement(node.parts())
    expect(others).toEqual([])
    expect(ring.published('federation').map(({ kid }) => kid)).toEqual([mine.kid])
    await expect(replace(node, forged.publicJwk)).rejects.toMatchObject({ code: 'key-not-endorsed' })
    expect(await replace(node, mine.jwk)).toBe(mine.kid)
  })
})

test('with no prepared key but forged ones nothing is replaced', async () => {
  await using node = await createKeysNode()
  await node.open()
  const publicJwk = await foreignKey()
  await forge(node, { ref: 'file:federation.jwk.json', publicJwk })
  await expect(replace(node, publicJwk)).rejects.toMatchObject({ code: 'key-not-found' })
  await expect(ringsAfterReplacement(node.parts())).rejects.toMatchObject({ code: 'key-not-found' })
})

test('what a row says of a key that is held does not count: its private half says what it is', async () => {
  await using node = await createKeysNode()
  await node.open()
  const held = await node.driver.generate('federation', 'ES256')
  const { kid } = held.publicJwk
  await forge(node, { ...held, publicJwk: { ...(await foreignKey()), kid } })
  expect(await prepare(node)).toMatchObject({ kid, jwk: held.publicJwk })
  await replace(node, held.publicJwk)
  expect((await readKeys(node.database.db)).find((key) => key.kid === kid)?.jwk).toEqual(held.publicJwk)
})

test('a key file that lies about is not prepared: a new key is made', async () => {
  await using node = await createKeysNode()
  await node.open()
  const stray = await node.driver.generate('federation', 'ES256')
  const prepared = await prepare(node)
  expect(prepared.kid).not.toBe(stray.publicJwk.kid)
  expect((await prepare(node, true)).kid).not.toBe(stray.publicJwk.kid)
})

test('of several prepared keys the one that the root names is taken, also where a clock was ahead', async () => {
  await using node = await createKeysNode()
  await node.open()
  const ahead = await prepareReplacement(node.parts({ ambient: ambientAt(FAR) }), {
    another: false,
    ...ACTOR,
  })
  const decided = await prepare(node, true)
  const rings = await ringsAfterReplacement(node.parts())
  expect(rings.map((ring) => ring.active('federation').kid)).toEqual([ahead.replacement.kid, decided.kid])
  expect(await replace(node, decided.jwk)).toBe(decided.kid)
  // The other one seems to be newer: that the root does not name it yet is said, and changes nothing.
  await expect(replace(node, decided.jwk)).rejects.toMatchObject({ code: 'key-not-endorsed' })
  const keys = (await readKeys(node.database.db)).filter(({ purpose }) => purpose === 'federation')
  expect(new Map(keys.map(({ kid, state }) => [kid, state]))).toEqual(
    new Map([
      [decided.kid, 'active'],
      [node.keys.signer('federation').kid, 'compromised'],
    ]),
  )
})
