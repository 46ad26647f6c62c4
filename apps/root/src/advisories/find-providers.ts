import type { Kysely } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import type { ProviderLife } from '../providers/provider-life.ts'

/**
 * The providers with these codes, as far as they are proved, in the order of the codes; others are missing. A transaction
 * that has written nothing yet gives itself as the source, as to `ProviderLives`.
 */
export async function findProviders(
  { lives }: Pick<RootDeps, 'lives'>,
  codes: readonly number[],
  source?: Kysely<RootTables>,
): Promise<ProviderLife[]> {
  const found: ProviderLife[] = []
  // One after the other: however many codes somebody names, one connection is enough.
  for (const code of codes) {
    const life = await lives.find(code, source)
    if (life !== undefined) found.push(life)
  }
  return found
}
