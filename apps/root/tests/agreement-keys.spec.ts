import {
  parseStrictJson,
  rootKeySetHash,
  signAgreementEvent,
  signRootKeySet,
  verifyRootKeySet,
  type PublicJwk,
} from '@arc3088/records'
import { renameSync, writeFileSync } from 'node:fs'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'

import { agree, listOf, shown, startPair, stateOf, untilShown } from './agreement-roots.ts'
import { problemOf, sendAs } from './agreement-wire.ts'
import type { TestRoot } from './start-test-root.ts'
import { newSigner } from './test-applicant.ts'

/** Has the root keys of a root name a further federation key, as its operators would. */
async function nameFederationKey(root: TestRoot, key: PublicJwk): Promise<void> {
  const [first] = parseStrictJson(root.keySets) as [never]
  const verified = await verifyRootKeySet(first)
  if (verified.kind === 'rejected') throw new Error(verified.detail)
  const { claims } = verified
  const set = await signRootKeySet([root.keys.signer('root')], {
    ...claims,
    seq: 2,
    prev: await rootKeySetHash(first),
    keys: { federation: [...claims.keys.federation, key] },
  })
  writeFileSync(`${root.keySetsFile}.draft`, JSON.stringify([first, set]))
  renameSync(`${root.keySetsFile}.draft`, root.keySetsFile)
  await expect.poll(() => root.root.deps.rootKeySets.length).toBe(2)
}

test('the parties are told of a key that follows, before it signs', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const { jti } = await agree([home, overseas])
  const next = await newSigner()
  await nameFederationKey(home, next.publicJwk)
  const proposal = await home.propose('agreement:key-update', { jti, reason: 'yearly change' })
  // What officers decide are the keys themselves, not their names.
  expect(proposal.payload['jwks']).toMatchObject({
    keys: [{ kty: 'EC' }, { kid: next.kid, x: next.publicJwk.x }],
  })
  expect((await home.approve(proposal)).status).toBe(201)
  const told = await untilShown(overseas, jti, ({ events }) =>
    events.some(({ event }) => event === 'key_update'),
  )
  expect(told.stage).toBe('in-force')
  const { entries } = await listOf(overseas)
  expect(entries[0]?.jwks_thumbprints).toEqual([home.keys.signer('federation').kid, next.kid])
  expect(entries[0]?.root_keys).toHaveLength(2)
  await home.act('agreement:suspend', { jti, reason: 'checking' })
  await expect.poll(() => stateOf(overseas, home)).toBe('suspended')
})

test('a key that no root key has named is not brought in by a federation key', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const { jti, id, hash } = await agree([home, overseas])
  const thief = await newSigner()
  const own = (await shown(home, jti))?.events.find(({ iss }) => iss === overseas.url)
  const at = Math.floor(Date.now() / 1000)
  const event = await signAgreementEvent(overseas.keys.signer('federation'), {
    iss: overseas.url,
    iat: at,
    jti: v7(),
    agreement: jti,
    agreement_hash: hash,
    towards: 'all',
    seq: 2,
    prev: own?.hash ?? null,
    event: 'key_update',
    reason: 'a stolen key',
    effective: at,
    jwks: { keys: [thief.publicJwk] },
  })
  const refused = await sendAs(overseas, home, `/v1/agreements/${id}/events`, { event })
  expect(await problemOf(refused)).toEqual([422, 'agreement-invalid'])
  expect((await listOf(home)).entries[0]?.jwks_thumbprints).toEqual([overseas.keys.signer('federation').kid])
})
