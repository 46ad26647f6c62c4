import { beforeAll, expect, test } from 'vitest'

import { makeRootSigningRequest, readRootSigningRequest, type RootSigningRequest } from './root-signing.ts'
import { rootKeySetHash, signRootKeySet, type RootKeySet, type RootKeySetJws } from './root-key-set.ts'
import { createMemorySigner, generateSigningKey, type Signer } from './signer.ts'

const NONCE = 'n'.repeat(43)
let root: Signer
let federation: Signer
let first: RootKeySet
let firstJws: RootKeySetJws
let second: RootKeySet

async function signer(): Promise<Signer> {
  const { privateJwk } = await generateSigningKey('ES256')
  return await createMemorySigner({ alg: 'ES256', privateJwk })
}

beforeAll(async () => {
  root = await signer()
  federation = await signer()
  first = {
    iss: 'https://root.example',
    seq: 1,
    prev: null,
    threshold: 1,
    root_keys: [root.publicJwk],
    keys: { federation: [federation.publicJwk] },
    nbf: 1_790_000_000,
    exp: 1_800_000_000,
  }
  firstJws = await signRootKeySet([root], first)
  second = { ...first, seq: 2, prev: await rootKeySetHash(firstJws) }
})

const ask = (claims: RootKeySet, before: RootKeySetJws | null = firstJws) =>
  makeRootSigningRequest({ nonce: NONCE, made_at: 1_790_000_000, before }, claims)

test('a request is read as it was made', async () => {
  const request = await ask(second)
  const read = await readRootSigningRequest(JSON.stringify(request))
  expect(read).toMatchObject({ kind: 'read', claims: second })
})

test.each<[string, (request: RootSigningRequest) => unknown]>([
  ['another nonce', (request) => ({ ...request, nonce: 'm'.repeat(43) })],
  ['another time', (request) => ({ ...request, made_at: 1 })],
  ['no set before it', (request) => ({ ...request, before: null })],
  ['an unknown member', (request) => ({ ...request, note: 'hurry' })],
])('a request changed to %s is refused', async (_, change) => {
  const read = await readRootSigningRequest(JSON.stringify(change(await ask(second))))
  expect(read).toMatchObject({ kind: 'rejected', reason: 'claims-invalid' })
})

test('nobody is asked for a set that does not follow the one before', async () => {
  await expect(ask({ ...second, seq: 3 })).rejects.toThrow('not the next one')
  await expect(ask({ ...second, prev: NONCE })).rejects.toThrow('prev is not the set before')
  await expect(ask({ ...second, iss: 'https://other.example' })).rejects.toThrow('of another root')
  await expect(ask(second, null)).rejects.toThrow('names no set before it')
})

test('a set that says more than is known is not signed unseen', async () => {
  const more = { ...second, also: 'this' } as RootKeySet
  await expect(ask(more)).rejects.toThrow('says more than is known')
})
