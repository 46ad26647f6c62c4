import type { RootDeps } from '../deps.ts'
import { readProviderEntityIds } from '../providers/provider.store.ts'

/** Lists the entity identifiers of all providers, by code. */
export async function listProviderEntities(deps: RootDeps): Promise<string[]> {
  return await readProviderEntityIds(deps.node.db)
}
