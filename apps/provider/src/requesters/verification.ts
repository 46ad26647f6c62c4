import type { Judgement, RecordExtra } from '@arc3088/issuer'

import { refuseLapsed, type Mandate } from '../appointment/mandate.ts'
import type { Requester } from './requester.ts'

/** What a reviewer decided about an applicant. */
export interface RequesterVerification {
  readonly requesterId: string
  readonly wish: number | undefined
  /** Whose ranges the code comes from; undefined where the verification names none. */
  readonly businessType: string | undefined
  readonly operator: string
  readonly reason: string
  /** Under which the requester's codes will stand in the log, and what its record says of that key (wire-format W8). */
  readonly logKey: { readonly key: Uint8Array; readonly digest: `sha-256:${string}` }
}

/** What a batch is judged by. */
export interface RequesterFacts {
  /** By id. */
  readonly requesters: ReadonlyMap<string, Requester>
  readonly mandate: Mandate
}

/**
 * Decides whether an applicant gets a requester code (GB/Z 185.2 5.5). An applicant gets one, whoever verifies it
 * and however often: `earlier` are the verifications of the same batch.
 */
export function judgeVerification(
  request: RequesterVerification,
  { requesters, mandate }: RequesterFacts,
  earlier: readonly RequesterVerification[],
): Judgement {
  const lapsed = refuseLapsed(mandate)
  if (lapsed !== undefined) return lapsed
  const requester = requesters.get(request.requesterId)
  if (requester === undefined) {
    const detail = `There is no requester ${request.requesterId}`
    return { kind: 'refuse', because: 'requester-not-found', detail }
  }
  const isVerified = earlier.some((one) => one.requesterId === request.requesterId)
  if (requester.state !== 'applied' || isVerified)
    return { kind: 'refuse', because: 'requester-state', detail: 'The requester was verified before' }
  return {
    kind: 'assign',
    parent: { provider: mandate.provider, requester: 0, ontology: 0, instance: 0 },
    ...(request.wish === undefined ? {} : { wish: request.wish }),
    extra: { ...publicFacts(requester), log_key_digest: request.logKey.digest },
    disclosure: { requesterKind: requester.kind },
    logKey: request.logKey.key,
  }
}

/** What the record says of the requester: of a natural person, that it is one (wire-format W3). */
function publicFacts({ kind, organization }: Requester): RecordExtra {
  return organization === null ? { requester_kind: kind } : { requester_kind: kind, organization }
}
