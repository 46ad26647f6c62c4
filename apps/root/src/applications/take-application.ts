import { violates } from '@arc3088/db'
import { RegistryError } from '@arc3088/problems'
import type { OwnLog } from '@arc3088/records'

import type { RootDeps } from '../deps.ts'
import { findForeignLogKey } from '../providers/foreign-log-key.store.ts'
import { judgeStep } from './application-step.ts'
import { judgeConfiguration, type Application } from './application.ts'
import { demandOwnKeys } from './demand-own-keys.ts'
import { fetchConfiguration } from './fetch-configuration.ts'
import { lockApplication, moveApplication } from './move-application.ts'
import { readApplication } from './read-applications.ts'

/**
 * Takes an application up for review. This is the first time that an address that came from outside is fetched:
 * exactly the applicant's own configuration, through the guarded door, after a clerk has decided to.
 *
 * @throws RegistryError `application-state`, `applicant-unverified`, `log-not-own`, `key-shared`, `entity-known`.
 */
export async function takeApplication(deps: RootDeps, id: string, officer: string): Promise<Application> {
  const { ambient, db, entityId } = deps.node
  const application = await readApplication(deps, id)
  demandTakeable(application)
  const configuration = await fetchConfiguration(deps, application)
  const judgement = judgeConfiguration(application, configuration, entityId)
  if (judgement.kind === 'refuse') throw new RegistryError(judgement.because, judgement.detail)
  const { log, keys } = judgement
  await demandOwnLogKeys(deps, application, log)
  const taking = db.transaction().execute(async (tx) => {
    const current = await lockApplication(tx, id)
    ambient.reached('application:locked')
    demandTakeable(current)
    // A completion with other keys may have come in between; what was fetched bears out these.
    if (current.revision !== application.revision)
      throw new RegistryError('application-state', 'The application was completed meanwhile')
    await demandOwnKeys(deps, tx, current, keys)
    const taken = await moveApplication(deps, tx, current, {
      act: 'take',
      actor: officer,
      taken: { by: officer, log },
      audit: {
        entity_id: current.entityId,
        federation_keys: current.federationKeys.map((key) => key.kid),
        log,
      },
    })
    ambient.reached('application:written')
    return taken
  })
  const taken = await taking.catch((error: unknown) => {
    if (!violates(error, 'provider_application_entity_key')) throw error
    throw new RegistryError('entity-known', `Another application of ${application.entityId} was taken up`)
  })
  ambient.reached('application:committed')
  return taken
}

function demandTakeable({ state }: Application): void {
  const judgement = judgeStep('take', state)
  if (judgement.kind === 'refuse') throw new RegistryError(judgement.because, judgement.detail)
}

async function demandOwnLogKeys(
  { node }: RootDeps,
  { entityId }: Application,
  log: OwnLog | null,
): Promise<void> {
  const foreign = log === null ? undefined : await findForeignLogKey(node.db, entityId, log)
  if (foreign !== undefined)
    throw new RegistryError('log-not-own', `key-shared: ${foreign} is a key of another`)
}
