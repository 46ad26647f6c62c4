import { readOwnKey, issuerTables } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { importPublicJwk, readRootKeySet, type KeyPurpose, type PublicJwk } from '@arc3088/records'
import type { Transaction } from 'kysely'

import { findForeignKey } from '../applications/applicant-key.store.ts'
import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'

const NODE_PURPOSES = ['federation', 'issuing', 'status', 'tlog'] as const satisfies readonly KeyPurpose[]

/**
 * Finds that a key can be somebody's own at this desk: it is a key, nobody had it before, it is none of this node, and none
 * of a provider or applicant, for any purpose. @throws RegistryError `request-invalid`, `officer-key-known`, `key-two-purposes`
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
  if (await isOfProvider(deps, tx, jwk))
    throw new RegistryError('key-two-purposes', `Key ${jwk.kid} is one of a provider, or of an applicant`)
}

/** By what is proved of the providers, and by what rows say of their other keys and of applicants. */
async function isOfProvider(deps: RootDeps, tx: Transaction<RootTables>, jwk: PublicJwk): Promise<boolean> {
  const lives = await deps.lives.all()
  if (lives.some(({ federationKeys }) => federationKeys.some(({ kid }) => kid === jwk.kid))) return true
  // Nobody's entity: whoever has it, it is another's.
  return (await findForeignKey(tx, { entityId: '', keys: [jwk], ofRoot: new Set() })) !== undefined
}

function isOfNode({ node, rootKeySets }: RootDeps, kid: string): boolean {
  const own = NODE_PURPOSES.flatMap((purpose) => node.keys.published(purpose))
  const ofSets = rootKeySets.flatMap((set) => {
    const read = readRootKeySet(set)
    return read.kind === 'read' ? [...read.claims.root_keys, ...read.claims.keys.federation] : []
  })
  return [...own, ...ofSets].some((key) => key.kid === kid)
}
