import { RegistryError } from '@arc3088/problems'
import { jcsDigest } from '@arc3088/records'

import type { RootDeps } from '../deps.ts'
import { haveSameKeys, judgeConfiguration, type Application } from './application.ts'
import { fetchConfiguration } from './fetch-configuration.ts'

/** What of an application its applicant's own address bears out. */
export type SeenApplicant = Pick<Application, 'entityId' | 'federationKeys' | 'log'>

/**
 * Looks at an applicant's address once more, before its application is put to the officers: by its keys and its log others
 * will know it, nobody at the desk can tell them by sight, and the rows that name them are no proof. A log that it began
 * to name since is left for it to name later.
 *
 * @throws RegistryError `applicant-unverified`, `log-not-own`, and what the door refuses.
 */
export async function seeApplicant(deps: RootDeps, application: Application): Promise<SeenApplicant> {
  const { entityId, federationKeys, log } = application
  const configuration = await fetchConfiguration(deps, application)
  const judgement = judgeConfiguration(application, configuration, deps.node.entityId)
  if (judgement.kind === 'refuse') throw new RegistryError(judgement.because, judgement.detail)
  if (log !== null && (await jcsDigest(log)) !== (await jcsDigest(judgement.log)))
    throw new RegistryError('applicant-unverified', `${entityId} does not name the log ${log.origin}`)
  return { entityId, federationKeys, log }
}

/** Demands that an application is about what was seen. @throws RegistryError `application-state`. */
export async function demandAsSeen(application: Application, seen: SeenApplicant): Promise<void> {
  const isSame =
    application.entityId === seen.entityId &&
    haveSameKeys(application.federationKeys, seen.federationKeys) &&
    (await jcsDigest(application.log)) === (await jcsDigest(seen.log))
  if (!isSame) throw new RegistryError('application-state', 'The application was changed meanwhile')
}
