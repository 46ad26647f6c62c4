import { resolveTrustChains } from '@openid-federation/core'
import { FederationClient } from '@sphereon/openid-federation-client'
import { compactVerify, decodeJwt, decodeProtectedHeader, importJWK } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startSandbox, takePlace, type RunningSandbox, type SandboxPlace } from '../programs/run-sandbox.ts'

const STATEMENT = 'application/entity-statement+jwt'

let place: SandboxPlace
let sandbox: RunningSandbox
let root: string
let providers: readonly string[]

beforeAll(async () => {
  place = await takePlace()
  sandbox = await startSandbox(place)
  const description = sandbox.description()
  root = description.root.url
  providers = description.providers.map(({ url }) => url)
}, 400_000)
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  place[Symbol.dispose]()
})

interface PublicMaterial {
  kty: string
  crv?: string | null | undefined
  x?: string | null | undefined
  y?: string | null | undefined
  alg?: string | null | undefined
}

/** Verifies with jose, so that nothing of ours takes part. */
async function verifiesWithJose(jwt: string, { kty, crv, x, y, alg }: PublicMaterial): Promise<boolean> {
  try {
    const material = { kty, crv: crv ?? '', x: x ?? '', ...(typeof y === 'string' ? { y } : {}) }
    await compactVerify(jwt, await importJWK(material, alg ?? 'ES256'))
    return true
  } catch {
    // The peer asks a yes or no question.
    return false
  }
}

async function fetchJwt(url: string, mediaType: string): Promise<string> {
  const response = await fetch(url)
  expect([url, response.status, response.headers.get('content-type')]).toEqual([url, 200, mediaType])
  return await response.text()
}

/** From the provider up, each statement fetched from whoever makes it. */
async function fetchChain(provider: string): Promise<string[]> {
  return await Promise.all([
    fetchJwt(`${provider}/.well-known/openid-federation`, STATEMENT),
    fetchJwt(`${root}/federation/fetch?sub=${encodeURIComponent(provider)}`, STATEMENT),
    fetchJwt(`${root}/.well-known/openid-federation`, STATEMENT),
  ])
}

const now = () => Math.floor(Date.now() / 1000)

test('@sphereon/openid-federation-client accepts the chain of every running provider', async () => {
  expect(providers.length).toBeGreaterThan(0)
  for (const provider of providers) {
    const peer = new FederationClient({ verify: verifiesWithJose })
    const answer = await peer.verifyTrustChain(await fetchChain(provider), root, now())
    expect([provider, answer.errorMessage ?? null, answer.isValid]).toEqual([provider, null, true])
  }
})

test('@sphereon/openid-federation-client accepts the chain that the resolve endpoint gives', async () => {
  const query = new URLSearchParams({ sub: providers[0] ?? '', trust_anchor: root })
  const text = await fetchJwt(
    `${root}/federation/resolve?${query.toString()}`,
    'application/resolve-response+jwt',
  )
  expect(decodeProtectedHeader(text).typ).toBe('resolve-response+jwt')
  const { trust_chain: chain, exp = 0 } = decodeJwt<{ trust_chain: string[] }>(text)
  const answer = await new FederationClient({ verify: verifiesWithJose }).verifyTrustChain(chain, root, now())
  expect([answer.errorMessage ?? null, answer.isValid]).toEqual([null, true])
  expect(exp).toBe(Math.min(...chain.map((jwt) => decodeJwt(jwt).exp ?? 0)))
})

test('@sphereon/openid-federation-client refuses the chain of one provider under the statement of another', async () => {
  const [first, second] = await Promise.all(providers.slice(0, 2).map(fetchChain))
  const mixed = [first?.[0] ?? '', second?.[1] ?? '', first?.[2] ?? '']
  const answer = await new FederationClient({ verify: verifiesWithJose }).verifyTrustChain(mixed, root, now())
  expect(answer.isValid).toBe(false)
})

test('@openid-federation/core walks from each running provider to the root', async () => {
  for (const provider of providers) {
    const chains = await resolveTrustChains({
      entityId: provider,
      trustAnchorEntityIds: [root],
      verifyJwtCallback: ({ jwt, jwk }) => verifiesWithJose(jwt, jwk),
    })
    expect(chains.map((chain) => chain.trustAnchorEntityConfiguration.iss)).toEqual([root])
    expect(chains[0]?.rawLeafEntityConfiguration.sub).toBe(provider)
  }
})

test('lists exactly the running providers, and each of them has a statement', async () => {
  const listed = (await (await fetch(`${root}/federation/list`)).json()) as string[]
  expect(listed.toSorted()).toEqual([...providers].toSorted())
})
