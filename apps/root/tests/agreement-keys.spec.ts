import {
  readRootKeySet,
  recordHash,
  rootKeySetHash,
  signAgreementEvent,
  signRootKeySet,
  type AgreementEvent,
  type PublicJwk,
} from '@arc3088/records'
import { renameSync, writeFileSync } from 'node:fs'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'

import { agree, listOf, pinOf, shown, startPair, stateOf, untilShown } from './agreement-roots.ts'
import { problemOf, sendAs } from './agreement-wire.ts'
import type { TestRoot } from './start-test-root.ts'
import { newSigner } from './test-applicant.ts'

/** Has the root keys of a root name further federation keys beside its own, and no others, as its operators would. */
async function nameFederationKeys(root: TestRoot, further: readonly PublicJwk[]): Promise<void> {
  const { rootKeySets } = root.root.deps
  const newest = rootKeySets.at(-1)
  const read = readRootKeySet(newest)
  if (newest === undefined || read.kind === 'rejected') throw new Error('a root has a key set')
  const seq = rootKeySets.length + 1
  const set = await signRootKeySet([root.keys.signer('root')], {
    ...read.claims,
    seq,
    prev: await rootKeySetHash(newest),
    keys: { federation: [root.keys.signer('federation').publicJwk, ...further] },
  })
  writeFileSync(`${root.keySetsFile}.draft`, JSON.stringify([...rootKeySets, set]))
  renameSync(`${root.keySetsFile}.draft`, root.keySetsFile)
  await expect.poll(() => root.root.deps.rootKeySets.length).toBe(seq)
}

test('the parties are told of a key that follows, before it signs', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const { jti } = await agree([home, overseas])
  const next = await newSigner()
  await nameFederationKeys(home, [next.publicJwk])
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

test('an update whose keys were replaced before it came does not hold up what follows it', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const { jti, id, hash } = await agree([home, overseas])
  const signer = overseas.keys.signer('federation')
  const at = Math.floor(Date.now() / 1000)
  const sign = async (change: Pick<AgreementEvent, 'seq' | 'prev' | 'event'> & Partial<AgreementEvent>) =>
    await signAgreementEvent(signer, {
      iss: overseas.url,
      iat: at,
      jti: v7(),
      agreement: jti,
      agreement_hash: hash,
      towards: 'all',
      reason: 'yearly change',
      effective: at,
      ...change,
    })
  const first = (await shown(home, jti))?.events.find(({ iss }) => iss === overseas.url)
  const [second, third] = [await newSigner(), await newSigner()]
  await nameFederationKeys(overseas, [second.publicJwk])
  await nameFederationKeys(overseas, [third.publicJwk])
  const update = await sign({
    seq: 2,
    prev: first?.hash ?? null,
    event: 'key_update',
    jwks: { keys: [signer.publicJwk, second.publicJwk] },
  })
  const suspension = await sign({ seq: 3, prev: await recordHash(update), event: 'suspend' })
  const send = async (event: string) =>
    (await sendAs(overseas, home, `/v1/agreements/${id}/events`, { event })).status
  // The sender is asked for its key sets every few seconds at most.
  await expect.poll(async () => await send(update), { interval: 500 }).toBe(201)
  expect(await send(suspension)).toBe(201)
  expect(await stateOf(home, overseas)).toBe('suspended')
})

test('a later key set that is pinned of a root does not undo what it has signed', async () => {
  await using pair = await startPair()
  const { home, overseas } = pair
  const { jti } = await agree([home, overseas])
  const [first] = overseas.root.deps.rootKeySets
  const read = readRootKeySet(first)
  if (first === undefined || read.kind === 'rejected') throw new Error('a root has a key set')
  // The officers bring a set that no longer has the key by which the agreement was signed.
  const second = await signRootKeySet([overseas.keys.signer('root')], {
    ...read.claims,
    seq: 2,
    prev: await rootKeySetHash(first),
    keys: { federation: [(await newSigner()).publicJwk] },
  })
  await home.act('foreign-root:pin', { ...pinOf(overseas), root_keys: second })
  expect(await shown(home, jti)).toMatchObject({ stage: 'in-force' })
})
