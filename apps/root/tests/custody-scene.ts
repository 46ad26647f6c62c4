import { ownLogMetadata } from '@arc3088/issuer'
import { expect } from 'vitest'

import { createProvider, jwksOf, type TestProvider } from './provider-acts.ts'
import type { TestRoot } from './start-test-root.ts'
import { createApplicant, type TestApplicant } from './test-applicant.ts'

/** A node over what a provider leaves: an address with keys of its own, or the handed-over ones, and the same log. */
export async function custodyOf(
  root: TestRoot,
  { applicant }: TestProvider,
  keys?: TestApplicant['federation'],
): Promise<TestApplicant> {
  const node = await createApplicant(root, undefined, keys)
  node.publishLog(ownLogMetadata(applicant.entityId, [applicant.logKey.publicJwk], node.entityId))
  return node
}

/** How an act names an address and its keys. */
export function seatAt({ entityId, federation }: TestApplicant) {
  return { entity_id: entityId, jwks: jwksOf(federation) }
}

/** What a retirement to a custodian is asked for with. */
export function askOf(leaving: TestProvider, custodian: TestProvider, node: TestApplicant) {
  return { provider: leaving.code, custodian: custodian.code, ...seatAt(node) }
}

/** A provider with a log, another that is willing to keep what it leaves, and the node of that. */
export async function custodyScene(root: TestRoot, codes: readonly [string, string]) {
  const stack = new AsyncDisposableStack()
  const leaving = stack.use(await createProvider(root, codes[0]))
  expect((await leaving.applicant.sendLog(codes[0])).status).toBe(200)
  const custodian = stack.use(await createProvider(root, codes[1]))
  custodian.applicant.publishCustody([leaving.prefix])
  const node = stack.use(await custodyOf(root, leaving))
  return {
    leaving,
    custodian,
    node,
    ask: askOf(leaving, custodian, node),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
