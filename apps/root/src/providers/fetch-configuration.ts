import { RegistryError } from '@arc3088/problems'
import {
  MEDIA_TYPE,
  STATEMENT_BYTES_MAX,
  timeFault,
  verifyEntityConfiguration,
  type EntityConfiguration,
  type PublicJwk,
} from '@arc3088/records'
import { numericDate } from '@arc3088/service'

import type { RootDeps } from '../deps.ts'

/**
 * Fetches exactly the configuration of one entity through the guarded door, signed with one of the keys that it is known
 * or expected by: whoever controls the address controls the keys. It names this root as its authority and is a provider's.
 *
 * @throws RegistryError `entity-unverified`, and as the door does.
 */
export async function fetchVerifiedConfiguration(
  { door, node }: Pick<RootDeps, 'door' | 'node'>,
  entityId: string,
  keys: readonly PublicJwk[],
): Promise<EntityConfiguration> {
  const refuse = (detail: string) => new RegistryError('entity-unverified', detail)
  const { status, body } = await door.fetch({
    url: `${entityId}/.well-known/openid-federation`,
    headers: { accept: MEDIA_TYPE.entityStatement },
    bytesMax: STATEMENT_BYTES_MAX,
  })
  if (status !== 200) throw refuse(`${entityId} answers ${status} for its configuration`)
  const verified = await verifyEntityConfiguration(body, keys)
  if (verified.kind === 'rejected') throw refuse(`The configuration does not verify: ${verified.detail}`)
  const { claims } = verified
  const fault = timeFault(claims, numericDate(node.ambient.now()))
  if (fault !== undefined) throw refuse(`The configuration is ${fault}`)
  if (claims.sub !== entityId) throw refuse(`The configuration is that of ${claims.sub}`)
  if (claims.authority_hints?.includes(node.entityId) !== true)
    throw refuse(`authority_hints does not name ${node.entityId}`)
  if (claims.metadata.agent_code_provider === undefined)
    throw refuse('There is no agent_code_provider metadata')
  return claims
}
