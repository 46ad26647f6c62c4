import { issuerTables, lockDesk } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import type { Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import type { ApplicantsOwn } from './applicant-request.ts'
import { insertRequest, readRequest } from './application-request.store.ts'
import { haveSameKeys, type Application } from './application.ts'
import { lockApplication } from './move-application.ts'
import { receiptOf, type ApplicationReceipt } from './submit-application.ts'

/**
 * Carries out what an applicant asks in one transaction with the memory of its request, so that it happens once and every
 * retry is answered the same. It holds the desk: no officer decides about the application meanwhile.
 */
export async function carryOutOnce(
  deps: RootDeps,
  act: 'complete' | 'withdraw',
  own: Pick<ApplicantsOwn<unknown>, 'application' | 'request' | 'hash' | 'earlier'>,
  jws: string,
  carryOut: (tx: Transaction<RootTables>, application: Application) => Promise<Application>,
): Promise<ApplicationReceipt> {
  if (own.earlier !== undefined) return own.earlier
  const { ambient, db } = deps.node
  const { id: applicationId, federationKeys } = own.application
  const { jti: id } = own.request
  const receipt = await db.transaction().execute(async (tx) => {
    await lockDesk(issuerTables(tx))
    const application = await lockApplication(tx, applicationId)
    ambient.reached('application:locked')
    const raced = await readRequest(tx, { applicationId, id })
    if (raced !== undefined) {
      if (raced.hash === own.hash) return receiptOf({ ...application, ...raced.outcome })
      throw new RegistryError('idempotency-key-reused', 'This request id stands for another request')
    }
    // What was signed with keys of the application when it came in may no longer be its applicant's word.
    if (!haveSameKeys(application.federationKeys, federationKeys))
      throw new RegistryError('application-state', 'The application was completed meanwhile')
    const after = await carryOut(tx, application)
    const { state, revision } = after
    await insertRequest(tx, {
      applicationId,
      id,
      act,
      hash: own.hash,
      jws,
      verifiedBy: federationKeys,
      outcome: { state, revision },
      receivedAt: ambient.now(),
    })
    ambient.reached('application:written')
    return receiptOf(after)
  })
  ambient.reached('application:committed')
  return receipt
}
