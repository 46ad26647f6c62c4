import { signKeyEndorsement, signRegistryRequest, MEDIA_TYPE, type Signer } from '@arc3088/records'
import { ownLogMetadata } from '@arc3088/issuer'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import {
  appointmentOf,
  assess,
  createProvider,
  jwksOf,
  refusalOf,
  refusalOfProposal,
  statementAbout,
  type TestProvider,
} from './provider-acts.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { createApplicant, newSigner, readJson, type TestApplicant } from './test-applicant.ts'

let root: TestRoot
beforeAll(async () => {
  root = await startTestRoot()
})
afterAll(async () => {
  await root[Symbol.asyncDispose]()
})

async function statedKids(provider: TestProvider): Promise<string[]> {
  const statement = await statementAbout(root, provider.applicant.entityId)
  return (statement?.jwks.keys ?? []).map(({ kid }) => kid)
}

const untilStated = (provider: TestProvider, kids: readonly string[]) =>
  expect.poll(async () => await statedKids(provider)).toEqual(kids)

/** The bytes of the statement, as somebody may have kept them. */
async function keptStatement({ applicant }: TestProvider): Promise<string> {
  const response = await root.get(`/federation/fetch?sub=${encodeURIComponent(applicant.entityId)}`)
  return await response.text()
}

/** The root's evidence with a statement from before, and every status list of the root beside it. */
async function assessWithKept(provider: TestProvider, statement: string) {
  return await assess(root, provider, (bundle) => {
    const [[, ...rest]] = bundle['chains'] as [string[]]
    return { ...bundle, chains: [[statement, ...rest]] }
  })
}

describe('an emergency replacement of the federation keys', () => {
  test('puts new keys in the statement, and whoever shows the old statement is refused by its status', async () => {
    await using provider = await createProvider(root, 'E1')
    const old = await keptStatement(provider)
    expect((await assessWithKept(provider, old)).verdict).toBe('valid')
    const next = await newSigner()
    const outcome = await root.act('provider:replace-keys', { provider: 'E1', jwks: jwksOf(next) })
    expect(outcome).toMatchObject({ code: 'E1', state: 'active', entry: { seq: 2 } })
    await untilStated(provider, [next.kid])
    await expect.poll(async () => (await assess(root, provider)).verdict).toBe('valid')
    const verdict = async () => {
      const { verdict: found, reasons } = await assessWithKept(provider, old)
      return `${found} ${reasons.map(({ code }) => code).join(' ')}`
    }
    await expect.poll(verdict).toBe('chain-invalid statement-withdrawn')
    const before = await statementPlace(old)
    const now = (await statementAbout(root, provider.applicant.entityId))?.status.status_list
    expect(now).not.toEqual(before)
    expect(await refusalOf(await provider.applicant.sendLog('E1'))).toBe('401 request-signature-invalid')
    expect((await provider.applicant.sendLog('E1', { signer: next })).status).toBe(200)
  })

  test('takes no key that stands, that serves anybody else, or that was given up before', async () => {
    await using provider = await createProvider(root, 'E2')
    await using other = await createProvider(root, 'E3')
    const own = provider.applicant.federation
    const ask = (...signers: readonly Signer[]) => ({ provider: 'E2', jwks: jwksOf(...signers) })
    const kind = 'provider:replace-keys'
    expect(await refusalOfProposal(root, kind, ask(own))).toBe('409 key-state')
    expect(await refusalOfProposal(root, kind, ask(other.applicant.federation))).toBe('409 key-two-purposes')
    expect(await refusalOfProposal(root, kind, ask(root.keys.signer('issuing')))).toBe('409 key-two-purposes')
    expect(await refusalOfProposal(root, kind, { provider: 'E2', jwks: { keys: [] } })).toBe(
      '400 request-invalid',
    )
    const next = await newSigner()
    await root.act(kind, ask(next))
    expect(await refusalOfProposal(root, kind, ask(own))).toBe('409 key-two-purposes')
  })

  test('of a provider that is suspended leaves it suspended, in the new place too', async () => {
    await using provider = await createProvider(root, 'E4')
    await root.act('provider:suspend', { provider: 'E4' })
    const next = await newSigner()
    await root.act('provider:replace-keys', { provider: 'E4', jwks: jwksOf(next) })
    await untilStated(provider, [next.kid])
    // A live answer, which evidence carries until a proof takes its place, says of the provider what the list says.
    const suspended = async () => {
      const { reasons } = await assess(root, provider)
      const details = reasons.filter(({ code }) => code === 'status-suspended').map(({ detail }) => detail)
      return [...new Set(details)].toSorted()
    }
    await expect
      .poll(suspended)
      .toEqual(['provider is suspended or locked', 'statement is suspended or locked'])
  })
})

describe('a compromised federation key that the provider tells of itself', () => {
  test('takes the statement with it that named the key', async () => {
    await using provider = await createProvider(root, 'E5')
    const { applicant } = provider
    const next = await newSigner()
    const tell = async (
      event: 'announce' | 'activate' | 'compromise',
      key = next,
      signer = applicant.federation,
    ) => await sendKey(provider, { event, key, signer })
    expect((await tell('activate', applicant.federation)).status).toBe(201)
    expect((await tell('announce')).status).toBe(201)
    expect((await tell('activate')).status).toBe(201)
    const old = await keptStatement(provider)
    expect((await tell('compromise', applicant.federation, next)).status).toBe(201)
    await untilStated(provider, [next.kid])
    await expect.poll(async () => (await assessWithKept(provider, old)).verdict).toBe('chain-invalid')
    const { items } = await readJson(await root.get('/v1/providers/E5/history'))
    const acts = (items as { act: string; decision: null }[]).map(({ act, decision }) => [
      act,
      decision === null,
    ])
    expect(acts.slice(1)).toEqual([
      ['key', true],
      ['key', true],
      ['key', true],
      ['key', true],
    ])
  })
})

describe('a provider that moves', () => {
  test('is another entity from then on, with its past, its log and its code', async () => {
    await using provider = await createProvider(root, 'M1')
    const { applicant } = provider
    expect((await applicant.sendLog('M1')).status).toBe(200)
    await using next = await createApplicant(root)
    const log = ownLogMetadata(applicant.entityId, [applicant.logKey.publicJwk], next.entityId)
    next.publishLog(log)
    await root.act('provider:move', moveTo('M1', next))
    const appointment = async () => await appointmentOf(root, provider)
    await expect.poll(async () => (await appointment())?.operator?.entity_id).toBe(next.entityId)
    const { operator, predecessors, tlog, provider_code: code } = (await appointment()) ?? {}
    expect(code).toBe('M1')
    expect(operator?.jwks.keys.map(({ kid }) => kid)).toEqual([next.federation.kid])
    expect(predecessors).toMatchObject([
      { entity_id: applicant.entityId, jwks_thumbprints: [applicant.federation.kid] },
    ])
    const [term] = predecessors ?? []
    expect(term?.from).toBeLessThanOrEqual(term?.until ?? 0)
    expect(tlog).toMatchObject(log)
    const own = await statementAbout(root, next.entityId)
    expect(own?.sub).toBe(next.entityId)
    expect(own?.metadata.agent_code_provider).toMatchObject({ provider_code: 'M1', state: 'active' })
    expect(own?.metadata.agent_code_provider.operator).toBeUndefined()
    expect((await assess(root, provider)).verdict).toBe('valid')
    const shown = await readJson(await root.get('/v1/providers/M1'))
    expect(shown).toMatchObject({ entity_id: next.entityId, founded_as: applicant.entityId })
    // The entity before has nothing to say any more.
    expect(await refusalOf(await applicant.sendLog('M1'))).toBe('401 request-signature-invalid')
    // And nobody becomes a provider under a name that one has or had.
    expect(await refusalOfProposal(root, 'provider:move', moveTo('M1', applicant))).toBe('409 entity-known')
  })

  test('goes only where its own address bears it out, when it is proposed and again when it is decided', async () => {
    await using provider = await createProvider(root, 'M2')
    await using next = await createApplicant(root)
    await using known = await createProvider(root, 'M3')
    const kind = 'provider:move'
    const ask = moveTo('M2', next)
    expect(await refusalOfProposal(root, kind, { ...ask, jwks: jwksOf(await newSigner()) })).toBe(
      '422 entity-unverified',
    )
    expect(await refusalOfProposal(root, kind, moveTo('M2', known.applicant))).toBe('409 entity-known')
    next.publish({ authority_hints: ['https://elsewhere.example'] })
    expect(await refusalOfProposal(root, kind, ask)).toBe('422 entity-unverified')
    next.publish({})
    const proposal = await root.propose(kind, ask)
    next.publish({ authority_hints: ['https://elsewhere.example'] })
    expect(await refusalOf(await root.approve(proposal))).toBe('422 entity-unverified')
    expect((await appointmentOf(root, provider))?.operator).toBeUndefined()
    next.publish({})
    expect((await root.approve(proposal, 'bo', { key: 'again' })).status).toBe(201)
  })

  test('takes along no other log than its own', async () => {
    await using provider = await createProvider(root, 'M4')
    expect((await provider.applicant.sendLog('M4')).status).toBe(200)
    await using next = await createApplicant(root)
    expect(await refusalOfProposal(root, 'provider:move', moveTo('M4', next))).toBe('422 log-not-own')
    next.publishLog(next.log)
    expect(await refusalOfProposal(root, 'provider:move', moveTo('M4', next))).toBe('422 log-not-own')
  })
})

function moveTo(provider: string, { entityId, federation }: TestApplicant) {
  return { provider, entity_id: entityId, jwks: jwksOf(federation) }
}

function statementPlace(statement: string): unknown {
  const [, payload = ''] = statement.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
    status: { status_list: unknown }
  }
  return claims.status.status_list
}

async function sendKey(
  { code, applicant }: TestProvider,
  told: {
    event: 'announce' | 'activate' | 'compromise'
    key: TestApplicant['federation']
    signer: TestApplicant['federation']
  },
): Promise<Response> {
  const { event, key, signer } = told
  const iat = Math.floor(Date.now() / 1000)
  const { entityId } = applicant
  const path = `/v1/providers/${code}/keys`
  const endorsement = await signKeyEndorsement(signer, {
    iss: entityId,
    sub: entityId,
    iat,
    jti: v7(),
    event,
    purpose: 'federation',
    key: key.publicJwk,
    ...(event === 'compromise' ? { revoked_at: iat, reason: 'lost' } : {}),
  })
  const common = { iss: entityId, sub: entityId, aud: root.url, iat, exp: iat + 300, jti: v7() }
  const body = await signRegistryRequest(signer, { ...common, method: 'POST', path, body: { endorsement } })
  const headers = { 'content-type': MEDIA_TYPE.registryRequest }
  return await fetch(`${root.url}${path}`, { method: 'POST', headers, body })
}
