import type { Outcome } from '@arc3088/issuer'
import { LOG_KEY_BYTES, logKeyDigest } from '@arc3088/records'
import type { IdempotencyKey } from '@arc3088/service'

import type { ProviderDeps } from '../deps.ts'
import type { RequesterVerification } from './verification.ts'

/** Verifies an applicant and assigns its code, in one act. The same verification again answers the same record. */
export async function verifyRequester(
  deps: ProviderDeps,
  verification: Omit<RequesterVerification, 'logKey'>,
  idempotency: IdempotencyKey,
): Promise<Extract<Outcome, { kind: 'assigned' }>> {
  const key = deps.node.ambient.randomBytes(LOG_KEY_BYTES)
  return await deps.assigners().requester({
    request: { ...verification, logKey: { key, digest: await logKeyDigest(key) } },
    principal: verification.operator,
    scopeRequester: 0,
    idempotency,
  })
}
