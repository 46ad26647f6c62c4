import { RegistryError } from '@arc3088/problems'
import { readRootKeySet, thumbprint, type PublicJwk, type RootKeySetJws } from '@arc3088/records'
import type { Kysely } from 'kysely'

import { findForeignKey } from '../applications/applicant-key.store.ts'
import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { isKeyTold } from './provider-key-set.store.ts'
import type { ProviderLife } from './provider-life.ts'

/**
 * Throws unless these keys are new to this registry: of nobody else, of no other purpose, and never given up before by this
 * very provider.
 */
export async function demandFreshKeys(
  deps: Pick<RootDeps, 'rootKeySets'>,
  db: Kysely<RootTables>,
  life: ProviderLife,
  keys: readonly PublicJwk[],
): Promise<void> {
  for (const key of keys) {
    if ((await thumbprint(key)) !== key.kid)
      throw new RegistryError('request-invalid', `The kid ${key.kid} is not the thumbprint of its key`)
    if (await isKeyTold(db, key.kid))
      throw new RegistryError('key-two-purposes', `Key ${key.kid} was told of before`)
  }
  const foreign = await findKeyOfAnother(deps, db, life, keys)
  if (foreign !== undefined)
    throw new RegistryError('key-two-purposes', `Key ${foreign} serves another purpose or another node`)
}

/** The kid of the first of these keys that is anybody else's: this root's, an officer's, an applicant's, a provider's. */
export async function findKeyOfAnother(
  { rootKeySets }: Pick<RootDeps, 'rootKeySets'>,
  db: Kysely<RootTables>,
  life: Pick<ProviderLife, 'foundedAs'>,
  keys: readonly PublicJwk[],
): Promise<string | undefined> {
  const ofRoot = new Set(keysOfSets(rootKeySets).map(({ kid }) => kid))
  return await findForeignKey(db, { entityId: life.foundedAs, keys, ofRoot })
}

/** Every key that the published key sets of a root name. */
function keysOfSets(sets: readonly RootKeySetJws[]): PublicJwk[] {
  return sets.flatMap((set) => {
    const read = readRootKeySet(set)
    return read.kind === 'read' ? [...read.claims.root_keys, ...read.claims.keys.federation] : []
  })
}

/** Every federation key that a root ever signed with, by its published key sets. */
export function federationKeysOf(sets: readonly RootKeySetJws[]): PublicJwk[] {
  return sets.flatMap((set) => {
    const read = readRootKeySet(set)
    return read.kind === 'read' ? [...read.claims.keys.federation] : []
  })
}
