import { RegistryError } from '@arc3088/problems'
import { readRegistryRequest, requestHash, type RegistryRequest } from '@arc3088/records'
import type { z } from 'zod'

import type { RootDeps } from '../deps.ts'
import { demandSignedBy, readClaimedBody, type ReceivedRequest } from '../federation/signed-request.ts'
import { isFirstRequest, readRequest } from './application-request.store.ts'
import type { Application } from './application.ts'
import { readApplication } from './read-applications.ts'
import { receiptOf, type ApplicationReceipt } from './submit-application.ts'

/** A request about an application, found to be its applicant's own. */
export interface ApplicantsOwn<Body> {
  readonly application: Application
  readonly request: RegistryRequest
  readonly hash: string
  readonly body: Body
  /** What the same request was answered before. */
  readonly earlier?: ApplicationReceipt
}

/**
 * Reads a request that must come from the applicant: signed with a federation key of the application as it stands, or, when
 * it was carried out before, of the application as it stood then.
 *
 * @throws RegistryError `application-not-found`, `request-invalid`, `request-signature-invalid`, `idempotency-key-reused`.
 */
export async function readApplicantsOwn<Schema extends z.ZodType>(
  deps: RootDeps,
  id: string,
  received: ReceivedRequest,
  schema: Schema,
): Promise<ApplicantsOwn<z.output<Schema>>> {
  const application = await readApplication(deps, id)
  const { iss, body } = readClaimedBody(received, schema)
  if (iss !== application.entityId)
    throw new RegistryError('request-signature-invalid', `${iss} is not the applicant`)
  const { db } = deps.node
  const claimed = claimedId(received)
  const stored = claimed === undefined ? undefined : await readRequest(db, { applicationId: id, id: claimed })
  const keys = [...application.federationKeys, ...(stored?.verifiedBy ?? [])]
  const request = await demandSignedBy(deps, received, keys)
  const hash = await requestHash(request)
  const isReused =
    stored === undefined
      ? await isFirstRequest(db, { applicationId: id, id: request.jti })
      : stored.hash !== hash
  if (isReused)
    throw new RegistryError('idempotency-key-reused', 'This request id stands for another request')
  return {
    application,
    request,
    hash,
    body,
    ...(stored === undefined ? {} : { earlier: receiptOf({ ...application, ...stored.outcome }) }),
  }
}

function claimedId({ jws }: ReceivedRequest): string | undefined {
  const read = readRegistryRequest(jws)
  return read.kind === 'rejected' ? undefined : read.claims.jti
}
