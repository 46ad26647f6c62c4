import { PROVIDER_ENTITY_TYPE, type CompactJws } from '@arc3088/records'

import type { RootDeps } from '../deps.ts'
import { readProviderByEntity, readProviderEntityIds } from '../providers/provider.store.ts'
import { signStatementAbout } from '../providers/subordinate-statement.ts'

/** Signs the statement about an entity, or undefined where no provider was ever assigned to it. */
export async function readStatement(deps: RootDeps, entityId: string): Promise<CompactJws | undefined> {
  const provider = await readProviderByEntity(deps.node.db, entityId)
  return provider === undefined ? undefined : await signStatementAbout(deps, provider)
}

/** Lists the entity identifiers of all providers, by code; none for another entity type. */
export async function listProviderEntities(
  deps: RootDeps,
  entityType: string | undefined,
): Promise<string[]> {
  if (entityType !== undefined && entityType !== PROVIDER_ENTITY_TYPE) return []
  return await readProviderEntityIds(deps.node.db)
}
