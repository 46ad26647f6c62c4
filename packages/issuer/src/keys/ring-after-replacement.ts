import { RegistryError } from '@arc3088/problems'
import type { KeyRing } from '@arc3088/records'

import { readHeldReplacements } from './held-replacement.ts'
import type { KeyParts } from './key-parts.ts'
import { isPublished } from './key.ts'
import { readKeys } from './key.store.ts'

/**
 * The keys as the node will publish them with a prepared key in the place of all its federation keys, for each that the root
 * may name, newest first: by them it is seen whether others would believe it, before anything is changed. Throws
 * `key-not-found` where none was prepared.
 */
export async function ringsAfterReplacement(parts: KeyParts): Promise<readonly [KeyRing, ...KeyRing[]]> {
  const keys = await readKeys(parts.db)
  const [first, ...others] = (await readHeldReplacements(parts)).map(({ signer }): KeyRing => ({
    active(purpose) {
      if (purpose !== 'federation') throw new Error(`nothing is signed with a ${purpose} key meanwhile`)
      return signer
    },
    published: (purpose) =>
      purpose === 'federation'
        ? [signer.publicJwk]
        : keys.filter((key) => key.purpose === purpose && isPublished(key)).map(({ jwk }) => jwk),
  }))
  if (first === undefined)
    throw new RegistryError('key-not-found', 'No replacement was prepared: keys:prepare makes one')
  return [first, ...others]
}
