import { issuerTables, type OperatorDesk } from '@arc3088/issuer'

import type { ProviderDeps } from '../deps.ts'
import { PROVIDER_PERMISSIONS } from '../permissions.ts'

/** The desk's own affairs at a provider: whoever was given a key with `operator:create` begins sessions with it. */
export function operatorDesk({ node }: ProviderDeps): OperatorDesk {
  const { db, ambient, entityId, authenticate } = node
  return {
    db: issuerTables(db),
    ambient,
    entityId,
    authenticate,
    permissions: PROVIDER_PERMISSIONS,
    mayBeginWith: () => Promise.resolve(true),
  }
}
