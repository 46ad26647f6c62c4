import { createMemorySigner, generateSigningKey, signRootKeySet } from '@arc3088/records'
import { readTrustedProxies } from '@arc3088/service'
import type { PinnedAnchor } from '@arc3088/trust'
import { expect, test } from 'vitest'

import { startTestResolver, type TestResolver } from './running-resolver.ts'

const CLIENT = { 'x-forwarded-for': '192.0.2.7' }
const OTHER = { 'x-forwarded-for': '198.51.100.1' }
/** Codes that this resolver has no answer to. */
const CODES = Array.from({ length: 6 }, (_, nth) => `1.2.156.3088.1.1.34C2.478BDF.${nth + 1}`)

async function createAnchor(): Promise<PinnedAnchor> {
  const [root, federation] = [await generateSigningKey('ES256'), await generateSigningKey('ES256')]
  const signer = await createMemorySigner({ alg: 'ES256', privateJwk: root.privateJwk })
  const nbf = Math.floor(Date.now() / 1000) - 60
  const claims = {
    iss: 'https://root.example',
    seq: 1,
    prev: null,
    threshold: 1,
    root_keys: [root.publicJwk],
    keys: { federation: [federation.publicJwk] },
    nbf,
    exp: nbf + 86_400,
  }
  return { rootKeys: await signRootKeySet([signer], claims) }
}

/** A resolver whose root does not answer, and which lets each client read four codes. */
async function start(): Promise<TestResolver> {
  return await startTestResolver(await createAnchor(), {
    rootUrl: 'http://127.0.0.1:9',
    clients: {
      trustedProxies: readTrustedProxies('127.0.0.1'),
      reads: { name: 'public-reads', requests: 4, perSeconds: 3600 },
    },
  })
}

async function batch(resolver: TestResolver, codes: number, client: Record<string, string>): Promise<number> {
  const response = await fetch(`${resolver.url}/v1/resolve`, {
    method: 'POST',
    body: JSON.stringify(CODES.slice(0, codes)),
    headers: { ...client, 'content-type': 'application/json' },
  })
  await response.text()
  return response.status
}

test('codes that have to be asked for are counted against who asks, though the express lane is open', async () => {
  await using resolver = await start()
  const statuses: number[] = []
  for (const code of CODES) statuses.push((await resolver.get(`/v1/resolve/${code}`, CLIENT)).status)
  expect(statuses).toEqual([200, 200, 200, 200, 429, 429])
  expect((await resolver.get(`/v1/resolve/${CODES[0]}`, OTHER)).status).toBe(200)
})

test('a batch counts as a read for each of its codes', async () => {
  await using resolver = await start()
  expect(await batch(resolver, 3, CLIENT)).toBe(200)
  expect(await batch(resolver, 2, CLIENT)).toBe(429)
  expect((await resolver.get(`/v1/resolve/${CODES[0]}`, CLIENT)).status).toBe(200)
  expect(await batch(resolver, 1, CLIENT)).toBe(429)
  expect(await batch(resolver, 4, OTHER)).toBe(200)
})
