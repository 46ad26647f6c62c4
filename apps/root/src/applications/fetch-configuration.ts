import { RegistryError } from '@arc3088/problems'
import {
  MEDIA_TYPE,
  readEntityConfiguration,
  STATEMENT_BYTES_MAX,
  timeFault,
  verifyEntityConfiguration,
  type EntityConfiguration,
} from '@arc3088/records'
import { numericDate } from '@arc3088/service'

import type { RootDeps } from '../deps.ts'
import type { Application } from './application.ts'

/**
 * Fetches the configuration of an applicant from exactly its own address, through the guarded door, signed by the keys
 * that it applied with and valid now.
 *
 * @throws RegistryError `applicant-unverified`, and what the door refuses.
 */
export async function fetchConfiguration(
  deps: RootDeps,
  application: Application,
): Promise<EntityConfiguration> {
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
