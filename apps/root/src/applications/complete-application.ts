import { issuerTables, voidProposals } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import type { Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import type { ReceivedRequest } from '../federation/signed-request.ts'
import { readApplicantsOwn, type ApplicantsOwn } from './applicant-request.ts'
import { CompletionBody } from './application-body.ts'
import { judgeStep } from './application-step.ts'
import { haveSameKeys, type Application } from './application.ts'
import { updateContent } from './application.store.ts'
import { carryOutOnce } from './carry-out-once.ts'
import { demandOwnKeys } from './demand-own-keys.ts'
import { moveApplication, objectOf } from './move-application.ts'
import { contentOf, type ApplicationReceipt } from './submit-application.ts'

/**
 * Takes what was missing: the whole application again, naming the revision that it replaces. With the keys that were looked
 * at it goes back to whoever reviewed it; with other federation keys it must be taken up anew, since what stood at the
 * address bore out the old ones. Whatever was proposed about the former content is void.
 *
 * @throws RegistryError `application-state`, `precondition-failed`, `key-shared`, and as {@link readApplicantsOwn}.
 */
export async function completeApplication(
  deps: RootDeps,
  id: string,
  received: ReceivedRequest,
): Promise<ApplicationReceipt> {
  const own = await readApplicantsOwn(deps, id, received, CompletionBody)
  return await carryOutOnce(deps, 'complete', own, received.jws, async (tx, application) => {
    return await complete(deps, tx, application, own)
  })
}

async function complete(
  deps: RootDeps,
  tx: Transaction<RootTables>,
  application: Application,
  { body, request }: ApplicantsOwn<CompletionBody>,
): Promise<Application> {
  const content = contentOf(body, deps.territory)
  const act = haveSameKeys(content.federationKeys, application.federationKeys) ? 'complete' : 'complete-anew'
  const judgement = judgeStep(act, application.state)
  if (judgement.kind === 'refuse') throw new RegistryError(judgement.because, judgement.detail)
  if (body.revision !== application.revision) {
    throw new RegistryError('precondition-failed', `The application is at revision ${application.revision}`, {
      extra: { revision: application.revision },
    })
  }
  const completed = { ...application, ...content, revision: application.revision + 1 }
  if (act === 'complete') await demandOwnKeys(deps, tx, completed)
  await voidProposals(issuerTables(tx), deps.node.ambient, {
    object: objectOf(application.id),
    actor: application.entityId,
    reason: 'the application was completed',
  })
  await updateContent(tx, completed)
  return await moveApplication(deps, tx, completed, {
    act,
    actor: application.entityId,
    detail: { revision: completed.revision },
    ...(act === 'complete' ? {} : { taken: null }),
    audit: { request: request.jti, federation_keys: content.federationKeys.map((key) => key.kid) },
  })
}
