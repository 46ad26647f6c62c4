import type { RootDeps } from '../deps.ts'

/** Lists the entity identifiers of all providers, by code. */
export async function listProviderEntities(deps: RootDeps): Promise<string[]> {
  return (await deps.lives.all()).map(({ foundedAs }) => foundedAs)
}
