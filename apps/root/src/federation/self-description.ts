import { createSelfDescription, KEY_HISTORY_PATH, ownLogMetadata } from '@arc3088/issuer'
import type { CompactJws, EntityConfiguration } from '@arc3088/records'

import type { RootDeps } from '../deps.ts'
import { DIRECTORY_PATH } from '../providers/queue-directory.ts'

/** What a root says of itself (wire-format W1). It names only the endpoints that it has. */
export function describeRoot(deps: RootDeps): () => Promise<CompactJws> {
  return createSelfDescription(() => ({
    ambient: deps.node.ambient,
    signer: deps.node.keys.active('federation'),
    entityId: deps.node.entityId,
    describe: () => describe(deps),
  }))
}

async function describe({
  node,
  organizationName,
  prefix,
  witnessing,
}: RootDeps): Promise<Pick<EntityConfiguration, 'jwks' | 'metadata'>> {
  const { entityId, keys } = node
  await witnessing.witnesses()
  const { witnesses, quorum } = witnessing.told(await node.tlog.head())
  return {
    jwks: { keys: [...keys.published('federation')] },
    metadata: {
      federation_entity: {
        organization_name: organizationName,
        federation_fetch_endpoint: `${entityId}/federation/fetch`,
        federation_list_endpoint: `${entityId}/federation/list`,
        federation_extended_list_endpoint: `${entityId}/federation/extended-list`,
        federation_resolve_endpoint: `${entityId}/federation/resolve`,
        federation_historical_keys_endpoint: `${entityId}${KEY_HISTORY_PATH}`,
      },
      agent_code_root: {
        code_prefix: prefix,
        scheme_versions: ['1'],
        issuing_jwks: { keys: [...keys.published('issuing')] },
        status_jwks: { keys: [...keys.published('status')] },
        key_history_uri: `${entityId}${KEY_HISTORY_PATH}`,
        code_resolution_uri: `${entityId}/v1/codes/{code}`,
        directory_uri: `${entityId}${DIRECTORY_PATH}`,
        recognition_list_uri: `${entityId}/v1/recognition-list`,
        status_list_aggregation_uri: `${entityId}/status`,
        tlog: {
          ...ownLogMetadata(entityId, keys.published('tlog')),
          witnesses: [...witnesses],
          quorum,
        },
      },
    },
  }
}
