import {
  createMemorySigner,
  generateSigningKey,
  MEDIA_TYPE,
  signEntityConfiguration,
  signRegistryRequest,
  type EntityConfiguration,
  type OwnLog,
  type RegistryRequest,
  type Signer,
} from '@arc3088/records'
import { ownLogMetadata } from '@arc3088/issuer'
import { listen } from '@arc3088/service'
import { v7 } from 'uuid'

import type { TestProposal, TestRoot } from './start-test-root.ts'

/** An organisation that wants to become a provider: it has keys, and an address at which its configuration stands. */
export interface TestApplicant extends AsyncDisposable {
  readonly entityId: string
  readonly federation: Signer
  /** Sends an application; the same `requestId` is a retry. */
  apply(options?: ApplyOptions): Promise<Response>
  /** Sends any signed request (wire-format W11). */
  send(path: string, body?: Record<string, unknown>, options?: ApplyOptions): Promise<Response>
  /** Changes what stands at the applicant's own address. */
  publish(change: Partial<EntityConfiguration>): void
  /** Its log; no configuration names it until it is published. */
  readonly log: OwnLog
  readonly logKey: Signer
  /** Changes what its configuration says of its log. */
  publishLog(log: OwnLog | undefined): void
  /** Changes whose custodian its configuration says that it is. */
  publishCustody(prefixes: readonly string[]): void
  /** Answers nobody until that is settled; resolves once somebody has asked. */
  holdBack(until: Promise<void>): Promise<void>
  /** Names a log at the root, as a provider does that was assigned before it had one. */
  sendLog(code: string, options?: ApplyOptions): Promise<Response>
}

/** What may differ from a good application. */
export interface ApplyOptions {
  readonly requestId?: string
  readonly body?: Record<string, unknown>
  readonly claims?: Partial<RegistryRequest>
  readonly signer?: Signer
  readonly at?: Date
}

const PATH = '/v1/provider-applications'

/** Brings up an applicant with a real address of its own. */
export async function createApplicant(
  root: TestRoot,
  organization: object = COMPANY_A,
  federationKey?: Signer,
): Promise<TestApplicant> {
  const federation = federationKey ?? (await newSigner())
  const [issuing, status] = [await newSigner(), await newSigner()]
  const logKey = await newLogKey()
  let change: Partial<EntityConfiguration> = {}
  let tlog: OwnLog | undefined
  let custodies: readonly string[] = []
  let onAsked: () => Promise<void> = () => Promise.resolve()
  const answer = async () => {
    await onAsked()
    return new Response(await configuration(), { headers: STATEMENT })
  }
  const server = await listen(answer, { host: '127.0.0.1', port: 0 })
  const entityId = `http://127.0.0.1:${server.port}`

  async function configuration(): Promise<string> {
    const iat = Math.floor(Date.now() / 1000)
    return await signEntityConfiguration(federation, {
      iss: entityId,
      sub: entityId,
      iat,
      exp: iat + 3600,
      jwks: { keys: [federation.publicJwk] },
      authority_hints: [root.url],
      metadata: {
        agent_code_provider: {
          issuing_jwks: { keys: [issuing.publicJwk] },
          status_jwks: { keys: [status.publicJwk] },
          ...(tlog === undefined ? {} : { tlog }),
          ...(custodies.length === 0 ? {} : { custodian_of: [...custodies] }),
        },
      },
      ...change,
    })
  }

  async function send(path: string, options: ApplyOptions, body: Record<string, unknown>): Promise<Response> {
    const iat = Math.floor((options.at ?? new Date()).getTime() / 1000)
    const request = await signRegistryRequest(options.signer ?? federation, {
      iss: entityId,
      sub: entityId,
      aud: root.url,
      iat,
      exp: iat + 300,
      jti: options.requestId ?? v7(),
      method: 'POST',
      path,
      body: { ...body, ...options.body } as never,
      ...options.claims,
    })
    return await fetch(`${root.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': MEDIA_TYPE.registryRequest },
      body: request,
    })
  }

  return {
    entityId,
    federation,
    publish(next) {
      change = next
    },
    log: ownLogMetadata(entityId, [logKey.publicJwk]),
    logKey,
    publishLog(next) {
      tlog = next
    },
    publishCustody(next) {
      custodies = next
    },
    async holdBack(until) {
      const { promise, resolve } = Promise.withResolvers<void>()
      onAsked = async () => {
        resolve()
        await until
      }
      await promise
    },
    send: (path, body = {}, options = {}) => send(path, options, body),
    apply: (options = {}) =>
      send(PATH, options, {
        organization,
        contact: 'desk@a.example',
        jwks: { keys: [JSON.parse(JSON.stringify(federation.publicJwk))] },
      }),
    sendLog: (code, options = {}) =>
      send(`/v1/providers/${code}/log`, options, { ...ownLogMetadata(entityId, [logKey.publicJwk]) }),
    [Symbol.asyncDispose]: () => server.stop(0),
  }
}

/** The organisation of annex C: "Company A". */
export const COMPANY_A = { name: '公司A', name_en: 'Company A', country: 'CN' }

const STATEMENT = { 'content-type': MEDIA_TYPE.entityStatement }

/** A fresh ES256 key in memory. */
export async function newSigner(): Promise<Signer> {
  const { privateJwk } = await generateSigningKey('ES256')
  return await createMemorySigner({ alg: 'ES256', privateJwk })
}

/** A fresh Ed25519 key in memory, as a log has. */
export async function newLogKey(): Promise<Signer> {
  const { privateJwk } = await generateSigningKey('Ed25519')
  return await createMemorySigner({ alg: 'Ed25519', privateJwk })
}

/** Has an applicant become the provider with this code, by ann and bo. */
export async function makeProvider(root: TestRoot, applicant: TestApplicant, code: string): Promise<void> {
  const approval = await root.approve(await proposeFor(root, applicant, code))
  if (approval.status !== 201) throw new Error(await approval.text())
}

/** Brings an application to the point where its assignment is proposed, and signed, by ann. */
export async function proposeFor(
  root: TestRoot,
  applicant: TestApplicant,
  code: string | null,
): Promise<TestProposal & { readonly applicationId: string }> {
  const application = await readJson(await applicant.apply())
  const applicationId = String(application['id'])
  await root.officer('clerk').post(`/v1/desk/applications/${applicationId}/take`, {})
  const response = await root
    .officer('ann')
    .post(`/v1/desk/applications/${applicationId}/propose-approval`, { code, reason: 'evidence is complete' })
  if (response.status !== 201) throw new Error(await response.text())
  const proposal = (await response.json()) as TestProposal
  const signed = await root.sign(proposal)
  if (signed.status !== 200) throw new Error(await signed.text())
  return { ...proposal, applicationId }
}

/** What an approval led to, out of its answer. */
export async function outcomeOf(response: Response): Promise<Record<string, unknown>> {
  const { outcome } = await readJson(response)
  return typeof outcome === 'object' && outcome !== null ? { ...outcome } : {}
}

/** Reads a JSON object of an answer. */
export async function readJson(response: Response): Promise<Record<string, unknown>> {
  const body: unknown = await response.json()
  if (typeof body !== 'object' || body === null) throw new Error('the answer is not a JSON object')
  return { ...body }
}
