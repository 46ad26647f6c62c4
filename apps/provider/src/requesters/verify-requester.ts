import type { Outcome } from '@arc3088/issuer'
import type { IdempotencyKey } from '@arc3088/service'

import type { ProviderDeps } from '../deps.ts'
import type { RequesterVerification } from './verification.ts'

/** Verifies an applicant and assigns its code, in one act. The same verification again answers the same record. */
export async function verifyRequester(
  deps: ProviderDeps,
  verification: RequesterVerification,
  idempotency: IdempotencyKey,
): Promise<Extract<Outcome, { kind: 'assigned' }>> {
  return await deps.assigners().requester({
    request: verification,
    principal: verification.operator,
    scopeRequester: 0,
    idempotency,
  })
}
