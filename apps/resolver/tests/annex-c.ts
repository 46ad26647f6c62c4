import { randomUUID } from 'node:crypto'

import { MEDIA_TYPE, readEntityConfiguration, signRegistryRequest } from '@arc3088/records'
import { systemAmbient } from '@arc3088/service'
import { waitFor } from '@arc3088/testkit'

import { ask, decide, signerOf, type RunningNode, type RunningRoot } from './running-nodes.ts'
import { startTestResolver } from './running-resolver.ts'

/** The codes of annex C, from the provider's down. */
export const ANNEX_C = {
  provider: '1.2.156.3088.1.1',
  requester: '1.2.156.3088.1.1.34C2',
  ontology: '1.2.156.3088.1.1.34C2.478BDF.0',
  instance: '1.2.156.3088.1.1.34C2.478BDF.3GF546',
} as const

/**
 * Waits until root and provider have seen each other's logs, so that a stranger who comes from now on finds every record
 * proved. Nothing changes after that by itself: a node that is stopped takes no cosignature away.
 */
export async function awaitProofs(root: RunningRoot): Promise<void> {
  const isProved = async () => {
    if ((await demandedQuorum(root)) < root.logQuorum) return false
    await using stranger = await startTestResolver(root.anchor)
    const { verdict, log } = await stranger.resolve(ANNEX_C.instance)
    return verdict === 'valid' && log === 'proved'
  }
  await waitFor(isProved, { what: 'witnessed proofs', intervalMs: 200 })
}

/** How many cosignatures the root demands now, by its own configuration. */
export async function demandedQuorum(root: RunningRoot): Promise<number> {
  const text = await (await fetch(`${root.url}/.well-known/openid-federation`)).text()
  const read = readEntityConfiguration(text)
  if (read.kind === 'rejected') throw new Error(read.detail)
  return read.claims.metadata.agent_code_root?.tlog?.quorum ?? 0
}

const APPLICATIONS = '/v1/provider-applications'

function idempotent(): Record<string, string> {
  return { 'idempotency-key': randomUUID() }
}

/** Makes a running provider "Company A", code 1, as two officers of the root would. */
export async function appointProvider(root: RunningRoot, provider: RunningNode): Promise<void> {
  const federation = signerOf(provider.signers, 'federation')
  const iat = Math.floor(Date.now() / 1000)
  const request = await signRegistryRequest(federation, {
    iss: provider.url,
    sub: provider.url,
    aud: root.url,
    iat,
    exp: iat + 300,
    jti: systemAmbient().newId(),
    method: 'POST',
    path: APPLICATIONS,
    body: {
      organization: { name: '公司A', name_en: 'Company A', country: 'CN' },
      contact: 'desk@a.example',
      jwks: { keys: [{ ...federation.publicJwk }] },
    },
  })
  const [ann] = root.tokens
  if (ann === undefined) throw new Error('an officer is needed')
  const applied = await ask(`${root.url}${APPLICATIONS}`, {
    body: request,
    headers: { 'content-type': MEDIA_TYPE.registryRequest },
  })
  const desk = `${root.url}/v1/desk`
  await ask(`${desk}/applications/${String(applied['id'])}/take`, { token: ann, body: {} })
  const proposal = await ask(`${desk}/applications/${String(applied['id'])}/propose-approval`, {
    token: ann,
    body: { code: '1', reason: 'the evidence is complete' },
  })
  await decide(root, proposal)
  await waitFor(async () => (await fetch(`${provider.url}/readyz`)).ok, { what: 'the appointment' })
}

/** Has Institute B verified, its ontology approved and an instance registered: annex C, whole. Answers B's token. */
export async function registerAnnexC(provider: RunningNode): Promise<string> {
  const [reviewer] = provider.tokens
  if (reviewer === undefined) throw new Error('a reviewer is needed')
  const { url } = provider
  const applied = await ask(`${url}/v1/requesters`, {
    body: {
      kind: 'organization',
      name: '研究所B',
      name_en: 'Institute B',
      country: 'CN',
      contact: 'b@b.example',
    },
  })
  const token = String(applied['token'])
  await ask(`${url}/v1/desk/requesters/${String(applied['id'])}/verify`, {
    token: reviewer,
    body: { code: '34C2', reason: 'seen' },
    headers: idempotent(),
  })
  const description = {
    name: { zh: '助手', en: 'Assistant' },
    version: '1',
    capabilities: [{ name: 'answer', decision_authority: 'user-only' }],
    permissions: [],
    scenario: 'education',
  }
  const draft = await waitFor(() => ask(`${url}/v1/ontologies`, { token, body: { description } }), {
    what: 'the token to carry the new role',
  })
  const id = String(draft['id'])
  await ask(`${url}/v1/ontologies/${id}/submit`, { token, body: {} })
  await ask(`${url}/v1/desk/ontologies/${id}/take`, { token: reviewer, body: {} })
  await ask(`${url}/v1/desk/ontologies/${id}/approve`, {
    token: reviewer,
    body: { serial: '478BDF', reason: 'good' },
    headers: idempotent(),
  })
  await ask(`${url}/v1/ontologies/${ANNEX_C.ontology}/instances`, {
    token,
    body: { serial: '3GF546' },
    headers: idempotent(),
  })
  return token
}
