import { RegistryError } from '@arc3088/problems'
import { readRootKeySet, type PublicJwk } from '@arc3088/records'
import type { Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { claimKeys, findForeignKey } from './applicant-key.store.ts'
import type { Application } from './application.ts'

/**
 * Claims the federation keys of an application for it alone, and demands that no key it shows is anybody else's: this
 * root's, another provider's, or those of another application that is under review.
 *
 * @throws RegistryError `key-shared`.
 */
export async function demandOwnKeys(
  deps: RootDeps,
  tx: Transaction<RootTables>,
  application: Pick<Application, 'id' | 'entityId' | 'federationKeys'>,
  published: readonly PublicJwk[] = [],
): Promise<void> {
  const { id, entityId, federationKeys } = application
  const keys = [...federationKeys, ...published]
  const foreign =
    (await claimKeys(tx, id, federationKeys)) ??
    (await findForeignKey(tx, { entityId, keys, ofRoot: keysOfRoot(deps) }))
  if (foreign !== undefined) throw new RegistryError('key-shared', `${foreign} is a key of another`)
}

/** What stands in the published key sets; the long-term root keys are in no database. */
function keysOfRoot({ rootKeySets }: RootDeps): ReadonlySet<string> {
  return new Set(
    rootKeySets.flatMap((jws) => {
      const set = readRootKeySet(jws)
      if (set.kind === 'rejected') return []
      return [...set.claims.root_keys, ...set.claims.keys.federation].map((key) => key.kid)
    }),
  )
}
