import { createSelfDescription } from '@arc3088/issuer'
import type { CompactJws, EntityConfiguration } from '@arc3088/records'

import type { RootDeps } from '../deps.ts'

/** What a root says of itself (wire-format W1). It names only the endpoints that it has. */
export function describeRoot(deps: RootDeps): () => Promise<CompactJws> {
  return createSelfDescription(() => ({
    ambient: deps.node.ambient,
    signer: deps.node.keys.active('federation'),
    entityId: deps.node.entityId,
    description: describe(deps),
  }))
}

function describe({
  node,
  organizationName,
  prefix,
}: RootDeps): Pick<EntityConfiguration, 'jwks' | 'metadata'> {
  const { entityId, keys } = node
  return {
    jwks: { keys: [...keys.published('federation')] },
    metadata: {
      federation_entity: {
        organization_name: organizationName,
        federation_fetch_endpoint: `${entityId}/federation/fetch`,
        federation_list_endpoint: `${entityId}/federation/list`,
      },
      agent_code_root: {
        code_prefix: prefix,
        scheme_versions: ['1'],
        issuing_jwks: { keys: [...keys.published('issuing')] },
        status_jwks: { keys: [...keys.published('status')] },
        code_resolution_uri: `${entityId}/v1/codes/{code}`,
        status_list_aggregation_uri: `${entityId}/status`,
      },
    },
  }
}
