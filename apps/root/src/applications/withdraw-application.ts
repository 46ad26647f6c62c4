import { issuerTables, voidProposals } from '@arc3088/issuer'

import type { RootDeps } from '../deps.ts'
import type { ReceivedRequest } from '../federation/signed-request.ts'
import { readApplicantsOwn } from './applicant-request.ts'
import { WithdrawalBody } from './application-body.ts'
import { carryOutOnce } from './carry-out-once.ts'
import { moveApplication, objectOf } from './move-application.ts'
import type { ApplicationReceipt } from './submit-application.ts'

/**
 * Takes an application back, at its applicant's own word, until it has come to an end. A proposal about it that waits for
 * officers is void from then on; the organisation may apply again.
 *
 * @throws RegistryError `application-state`, and as {@link readApplicantsOwn}.
 */
export async function withdrawApplication(
  deps: RootDeps,
  id: string,
  received: ReceivedRequest,
): Promise<ApplicationReceipt> {
  const own = await readApplicantsOwn(deps, id, received, WithdrawalBody)
  return await carryOutOnce(deps, 'withdraw', own, received.jws, async (tx, application) => {
    const withdrawn = await moveApplication(deps, tx, application, {
      act: 'withdraw',
      actor: application.entityId,
      reason: own.body.reason ?? null,
      audit: { request: own.request.jti },
    })
    await voidProposals(issuerTables(tx), deps.node.ambient, {
      object: objectOf(application.id),
      actor: application.entityId,
      reason: 'the application was withdrawn',
    })
    return withdrawn
  })
}
