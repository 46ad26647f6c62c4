import { readOwnKey, issuerTables } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { importPublicJwk, readRootKeySet, type KeyPurpose, type PublicJwk } from '@arc3088/records'
import type { Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'

const NODE_PURPOSES = ['federation', 'issuing', 'status', 'tlog'] as const satisfies readonly KeyPurpose[]

/**
 * Finds that a key can be somebody's own at this desk: it is a key, nobody had it before, and the node itself has none of
 * it. @throws RegistryError `request-invalid`, `officer-key-known`, `key-two-purposes`
 */
export async function demandFreshOwnKey(
  deps: RootDeps,
  tx: Transaction<RootTables>,
  jwk: PublicJwk,
): Promise<void> {
  const imported = await importPublicJwk(jwk)
  if (imported.kind === 'refused') throw new RegistryError('request-invalid', imported.detail)
  if ((await readOwnKey(issuerTables(tx), jwk.kid)) !== undefined)
    throw new RegistryError('officer-key-known', `Key ${jwk.kid} is somebody's already`)
  if (isOfNode(deps, jwk.kid))
    throw new RegistryError('key-two-purposes', `Key ${jwk.kid} is one of this node`)
}

function isOfNode({ node, rootKeySets }: RootDeps, kid: string): boolean {
  const own = NODE_PURPOSES.flatMap((purpose) => node.keys.published(purpose))
  const ofSets = rootKeySets.flatMap((set) => {
    const read = readRootKeySet(set)
    return read.kind === 'read' ? [...read.claims.root_keys, ...read.claims.keys.federation] : []
  })
  return [...own, ...ofSets].some((key) => key.kid === kid)
}
