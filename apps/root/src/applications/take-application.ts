import { violates } from '@arc3088/db'
import { insertAuditEntry, issuerTables } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import {
  MEDIA_TYPE,
  readEntityConfiguration,
  STATEMENT_BYTES_MAX,
  timeFault,
  verifyEntityConfiguration,
  type EntityConfiguration,
  type OwnLog,
} from '@arc3088/records'
import { numericDate } from '@arc3088/service'

import type { RootDeps } from '../deps.ts'
import { findForeignLogKey } from '../providers/foreign-log-key.store.ts'
import { judgeConfiguration, type Application } from './application.ts'
import { lockApplications, markTaken, readApplication } from './application.store.ts'

/**
 * Takes an application up for review. This is the one act in which an address that came from outside is
 * fetched: exactly the applicant's own configuration, through the guarded door, after a clerk has decided to.
 */
export async function takeApplication(deps: RootDeps, id: string, officer: string): Promise<Application> {
  const { ambient, db, entityId } = deps.node
  const application = await readApplication(db, id)
  if (application === undefined)
    throw new RegistryError('application-not-found', `There is no application ${id}`)
  demandState(application)
  const configuration = await fetchConfiguration(deps, application)
  const judgement = judgeConfiguration(application, configuration, entityId)
  if (judgement.kind === 'refuse') throw new RegistryError(judgement.because, judgement.detail)
  await demandOwnLogKeys(deps, application, judgement.log)
  const taking = db.transaction().execute(async (tx) => {
    const current = (await lockApplications(tx, [id])).get(id)
    if (current === undefined)
      throw new RegistryError('application-not-found', `There is no application ${id}`)
    demandState(current)
    const at = ambient.now()
    await markTaken(tx, { id, officer, at, log: judgement.log })
    await insertAuditEntry(issuerTables(tx), {
      id: ambient.newId(),
      at,
      actor: officer,
      act: 'application:take',
      object: `application:${id}`,
      reason: null,
      detail: {
        entity_id: current.entityId,
        federation_keys: current.federationKeys.map((key) => key.kid),
        log: judgement.log,
      },
    })
    return { ...current, state: 'under-review' as const, log: judgement.log }
  })
  return await taking.catch((error: unknown) => {
    if (!violates(error, 'provider_application_entity_key')) throw error
    throw new RegistryError('entity-known', `Another application of ${application.entityId} was taken up`)
  })
}

function demandState(application: Application): void {
  if (application.state === 'applied') return
  throw new RegistryError('application-state', `The application is ${application.state}`)
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

async function fetchConfiguration(deps: RootDeps, application: Application): Promise<EntityConfiguration> {
  const { status, body } = await deps.door.fetch({
    url: `${application.entityId}/.well-known/openid-federation`,
    headers: { accept: MEDIA_TYPE.entityStatement },
    bytesMax: STATEMENT_BYTES_MAX,
  })
  if (status !== 200) {
    throw new RegistryError(
      'applicant-unverified',
      `${application.entityId} answers ${status} for its configuration`,
    )
  }
  const read = readEntityConfiguration(body)
  // Signed by the keys that were applied with, not merely by those it lists.
  const verified =
    read.kind === 'rejected' ? read : await verifyEntityConfiguration(body, application.federationKeys)
  if (verified.kind === 'rejected') {
    throw new RegistryError('applicant-unverified', `The configuration does not verify: ${verified.detail}`)
  }
  const fault = timeFault(verified.claims, numericDate(deps.node.ambient.now()))
  if (fault !== undefined) throw new RegistryError('applicant-unverified', `The configuration is ${fault}`)
  return verified.claims
}
