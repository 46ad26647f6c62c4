import { RegistryError } from '@arc3088/problems'
import type { Signer } from '@arc3088/records'

import { loadKey, type KeyDrivers } from './key-driver.ts'
import type { NodeKey } from './key.ts'

/**
 * The key that signs what is logged about keys: the federation key in use, which is also the one before a new
 * federation key. Where that one is compromised, or is about to be called so, an endorsed one that waits for its
 * first use speaks instead; and last of all the compromised key itself may say so of itself, since nobody gains by
 * forging that. Throws `key-unavailable` where there is none.
 */
export async function loadFederationSigner(
  keys: readonly NodeKey[],
  drivers: KeyDrivers,
  about: { readonly compromised?: NodeKey } = {},
): Promise<Signer> {
  const federation = keys.filter(({ purpose }) => purpose === 'federation')
  const { compromised } = about
  const signing =
    federation.find(({ state, kid }) => state === 'active' && kid !== compromised?.kid) ??
    federation.find(
      ({ state, endorsedAt, kid }) =>
        state === 'announced' && endorsedAt !== null && kid !== compromised?.kid,
    ) ??
    federation.find(({ kid, state }) => kid === compromised?.kid && state === 'active')
  if (signing === undefined)
    throw new RegistryError('key-unavailable', 'No federation key can sign a change of keys')
  return await loadKey(drivers, signing.ref)
}
