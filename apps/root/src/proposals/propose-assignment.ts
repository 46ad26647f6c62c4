import { formatSegment, MAX } from '@arc3088/codec'
import { isChoosable, issuerTables, lockNames, propose, type Proposal } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'

import { lockApplications } from '../applications/application.store.ts'
import type { RootDeps } from '../deps.ts'

/** The kind of a proposal that assigns a provider code. */
export const ASSIGN_PROVIDER = 'provider:assign'

/**
 * Puts the assignment of a code to an application before another officer. The application and, where one is
 * chosen, the code are each the object of one pending proposal at most.
 */
export async function proposeAssignment(
  deps: RootDeps,
  wanted: { applicationId: string; code: number | undefined; officer: string; reason: string },
): Promise<Proposal> {
  const { applicationId, code, officer, reason } = wanted
  if (code !== undefined && !isChoosable(deps.issuing.plan(), 'provider', code)) {
    const most =
      code > MAX.provider ? 'a provider code has at most five symbols' : "choose within the plan's ranges"
    throw new RegistryError('number-out-of-plan', `${formatSegment(code)}: ${most}`, {
      extra: { clause: '5.4' },
    })
  }
  return await deps.node.db.transaction().execute(async (tx) => {
    // Before anything else, as in an approval: otherwise each could hold what the other waits for.
    await lockNames(issuerTables(tx), [`application:${applicationId}`])
    const application = (await lockApplications(tx, [applicationId])).get(applicationId)
    if (application === undefined) {
      throw new RegistryError('application-not-found', `There is no application ${applicationId}`)
    }
    if (application.state !== 'under-review') {
      throw new RegistryError('application-state', `The application is ${application.state}`)
    }
    return await propose(issuerTables(tx), deps.node.ambient, {
      kind: ASSIGN_PROVIDER,
      payload: {
        application_id: applicationId,
        entity_id: application.entityId,
        organization: application.organization,
        federation_keys: application.federationKeys.map((key) => key.kid),
        log: application.log,
        code: code === undefined ? null : formatSegment(code),
      },
      objects: [
        `application:${applicationId}`,
        ...(code === undefined ? [] : [`provider-code:${formatSegment(code)}`]),
      ],
      proposer: officer,
      reason,
    })
  })
}
