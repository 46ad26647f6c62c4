import { createSelfDescription, KEY_HISTORY_PATH, ownLogMetadata } from '@arc3088/issuer'
import type { CompactJws, KeyRing } from '@arc3088/records'
import type { Ambient } from '@arc3088/service'

/** What a provider knows of itself before it has a code. */
export interface ProviderSelf {
  readonly ambient: Ambient
  readonly keys: KeyRing
  readonly entityId: string
  /** Whose name the log has: the entity that the code was given to. */
  readonly foundedAs: string
  readonly rootUrl: string
  readonly organizationName: string
  /** Code prefixes of others that it agrees to serve once they are retired. */
  readonly custodianOf: readonly string[]
}

/** What a provider says of itself (wire-format W2). A provider is a leaf: it has no fetch and no list. */
export function describeProvider(self: () => ProviderSelf): () => Promise<CompactJws> {
  return createSelfDescription(() => {
    const { ambient, keys, entityId, foundedAs, rootUrl, organizationName, custodianOf } = self()
    return {
      ambient,
      signer: keys.active('federation'),
      entityId,
      describe: () =>
        Promise.resolve({
          jwks: { keys: [...keys.published('federation')] },
          authority_hints: [rootUrl],
          metadata: {
            federation_entity: {
              organization_name: organizationName,
              federation_historical_keys_endpoint: `${entityId}${KEY_HISTORY_PATH}`,
            },
            agent_code_provider: {
              issuing_jwks: { keys: [...keys.published('issuing')] },
              status_jwks: { keys: [...keys.published('status')] },
              key_history_uri: `${entityId}${KEY_HISTORY_PATH}`,
              code_resolution_uri: `${entityId}/v1/codes/{code}`,
              status_list_aggregation_uri: `${entityId}/status`,
              tlog: ownLogMetadata(foundedAs, keys.published('tlog'), entityId),
              ...(custodianOf.length === 0 ? {} : { custodian_of: [...custodianOf] }),
            },
          },
        }),
    }
  })
}
