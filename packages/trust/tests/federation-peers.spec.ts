import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFileSync } from 'node:fs'

import { resolveTrustChains } from '@openid-federation/core'
import { FederationClient } from '@sphereon/openid-federation-client'
import { compactVerify, importJWK } from 'jose'
import { afterEach, describe, expect, test } from 'vitest'

import type { Draft, KeyFile } from './scenario.ts'
import { P1, ROOT, T0, createDraft, signPart, signersOf } from './scenario.ts'
import type { VectorCase } from './vector-case.ts'
import { VECTOR_CASES } from './vector-cases.ts'

const keyFile = new URL('../../../vectors/evidence/test-keys.json', import.meta.url)
const signers = await signersOf(JSON.parse(readFileSync(keyFile, 'utf8')) as KeyFile)

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
    const key = await importJWK(
      { kty, crv: crv ?? '', x: x ?? '', ...(typeof y === 'string' ? { y } : {}) },
      alg ?? 'ES256',
    )
    await compactVerify(jwt, key)
    return true
  } catch {
    // The peer asks a yes or no question.
    return false
  }
}

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()))
})

/** An entity on a port of its own; answers what `pages` holds for the path and, after a space, `sub`. */
async function serveEntity(pages: Map<string, string>): Promise<string> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://entity')
    const page = pages.get([pathname, searchParams.get('sub') ?? ''].join(' ').trim())
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'application/entity-statement+jwt' })
    response.end(page)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  )
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Moves a draft from the example names to addresses that answer. */
function moveDraft(
  draft: Draft,
  { root, provider, shiftSeconds }: { root: string; provider: string; shiftSeconds: number },
): void {
  const shift = (_: string, value: unknown) =>
    typeof value === 'number' && value >= T0 ? value + shiftSeconds : value
  const move = (claims: Draft['statement']['claims']) =>
    JSON.parse(JSON.stringify(claims, shift).replaceAll(ROOT, root).replaceAll(P1, provider)) as typeof claims
  for (const part of new Set([
    draft.keySet,
    draft.rootConfiguration,
    draft.statement,
    draft.providerConfiguration,
    ...draft.chain,
  ])) {
    part.claims = move(part.claims)
  }
}

async function startFederation({
  change,
  shiftSeconds = 0,
}: { change?: VectorCase['change']; shiftSeconds?: number } = {}) {
  const rootPages = new Map<string, string>()
  const providerPages = new Map<string, string>()
  const root = await serveEntity(rootPages)
  const provider = await serveEntity(providerPages)
  const draft = createDraft(signers)
  change?.(draft, signers)
  moveDraft(draft, { root, provider, shiftSeconds })
  const chain = await Promise.all(draft.chain.map((part) => signPart(part, signers)))
  rootPages.set('/.well-known/openid-federation', await signPart(draft.rootConfiguration, signers))
  rootPages.set(`/federation/fetch ${provider}`, await signPart(draft.statement, signers))
  providerPages.set('/.well-known/openid-federation', await signPart(draft.providerConfiguration, signers))
  return { root, provider, chain, at: draft.at }
}

function createPeer(): FederationClient {
  return new FederationClient({ verify: verifiesWithJose })
}

describe('@sphereon/openid-federation-client', () => {
  test('accepts the sound chain', async () => {
    const { root, chain, at } = await startFederation()
    const answer = await createPeer().verifyTrustChain(chain, root, at)
    expect(answer.errorMessage ?? null).toBeNull()
    expect(answer.isValid).toBe(true)
  })

  test.each(['unendorsed-key', 'wrong-iss', 'wrong-sub', 'expired', 'future-iat'])(
    'refuses, as we do, the chain of %s',
    async (name) => {
      const vectorCase = VECTOR_CASES.find((each) => each.folder === 'chains' && each.name === name)
      expect(vectorCase).toBeDefined()
      const { root, chain, at } = await startFederation(
        vectorCase?.change === undefined ? {} : { change: vectorCase.change },
      )
      const answer = await createPeer().verifyTrustChain(chain, root, at)
      expect(answer.isValid).toBe(false)
    },
  )
})

describe('@openid-federation/core', () => {
  test('walks from the provider to the root and finds the sound chain', async () => {
    // This peer judges by the wall clock, so the chain is moved to the present.
    const { root, provider } = await startFederation({ shiftSeconds: Math.floor(Date.now() / 1000) - T0 })
    const chains = await resolveTrustChains({
      entityId: provider,
      trustAnchorEntityIds: [root],
      verifyJwtCallback: ({ jwt, jwk }) => verifiesWithJose(jwt, jwk),
    })
    expect(chains).toHaveLength(1)
    expect(chains[0]?.trustAnchorEntityConfiguration.iss).toBe(root)
    expect(chains[0]?.rawLeafEntityConfiguration.sub).toBe(provider)
  })
})
