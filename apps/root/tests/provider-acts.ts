import {
  parseRootKeySetJws,
  readResolutionAnswer,
  readSubordinateStatement,
  type ResolutionAnswer,
  type Signer,
  type SubordinateStatement,
} from '@arc3088/records'
import { verifyEvidence, type Assessment } from '@arc3088/trust'

import type { TestRoot } from './start-test-root.ts'
import { createApplicant, makeProvider, readJson, type TestApplicant } from './test-applicant.ts'

/** A provider of a test root, by its code. */
export interface TestProvider extends AsyncDisposable {
  readonly code: string
  readonly prefix: string
  readonly applicant: TestApplicant
}

/** Makes an organisation a provider. */
export async function createProvider(root: TestRoot, code: string): Promise<TestProvider> {
  const applicant = await createApplicant(root)
  await makeProvider(root, applicant, code)
  return {
    code,
    prefix: `1.2.156.3088.1.${code}`,
    applicant,
    [Symbol.asyncDispose]: () => applicant[Symbol.asyncDispose](),
  }
}

/** What the root's statement about an entity says; undefined where there is none. */
export async function statementAbout(
  root: TestRoot,
  entityId: string,
): Promise<SubordinateStatement | undefined> {
  const response = await root.get(`/federation/fetch?sub=${encodeURIComponent(entityId)}`)
  if (response.status !== 200) return undefined
  const read = readSubordinateStatement(await response.text())
  if (read.kind === 'rejected') throw new Error(read.detail)
  return read.claims
}

/** What the root says of a provider in its statement. */
export async function appointmentOf(root: TestRoot, { applicant }: TestProvider) {
  return (await statementAbout(root, applicant.entityId))?.metadata.agent_code_provider
}

/** Judges the root's evidence for a provider's code as any stranger would. */
export async function assess(
  root: TestRoot,
  { prefix }: TestProvider,
  change: (bundle: Record<string, unknown>) => Record<string, unknown> = (bundle) => bundle,
): Promise<Assessment> {
  const response = await root.get(`/v1/codes/${prefix}`, { accept: 'application/json' })
  const [first] = JSON.parse(root.keySets) as unknown[]
  const rootKeys = parseRootKeySetJws(JSON.stringify(first))
  if ('reason' in rootKeys) throw new Error(rootKeys.detail)
  const at = Math.floor(Date.now() / 1000)
  const bundle = change(await readJson(response))
  return await verifyEvidence({ code: prefix, bundle, anchor: { rootKeys }, at })
}

/** The root's signed answer for a code, of now or of an instant. */
export async function liveAnswer(root: TestRoot, prefix: string, at?: number): Promise<ResolutionAnswer> {
  const query = at === undefined ? '' : `?at=${at}`
  const response = await root.get(`/v1/codes/${prefix}${query}`, {
    accept: 'application/agent-code-resolution+jwt',
  })
  const read = readResolutionAnswer(await response.text())
  if (read.kind === 'rejected') throw new Error(read.detail)
  return read.claims
}

/** A key as it is sent. */
export function jwksOf(...signers: readonly Signer[]): { keys: object[] } {
  return { keys: signers.map(({ publicJwk }) => ({ ...publicJwk })) }
}

/** The status and code of a refusal. */
export async function refusalOf(response: Response): Promise<string> {
  return `${response.status} ${String((await readJson(response))['code'])}`
}

/** What a proposal of this kind is refused with. */
export async function refusalOfProposal(root: TestRoot, kind: string, ask: object): Promise<string> {
  return await refusalOf(await root.officer('ann').post('/v1/desk/proposals', { kind, ask, reason: 'asked' }))
}
