import { RegistryError } from '@arc3088/problems'
import type { KeyRing } from '@arc3088/records'

import { loadKey } from './key-driver.ts'
import type { KeyParts } from './key-parts.ts'
import { isPublished } from './key.ts'
import { readKeys } from './key.store.ts'
import { readReplacements } from './key-replacement.store.ts'

/**
 * The keys as the node will publish them with the newest replacement in the place of all its federation keys: by them it is
 * seen whether others would believe it, before anything is changed. Throws `key-not-found` where none was prepared.
 */
export async function ringAfterReplacement({ db, drivers }: KeyParts): Promise<KeyRing> {
  const [newest] = await readReplacements(db)
  if (newest === undefined)
    throw new RegistryError('key-not-found', 'No replacement was prepared: keys:prepare makes one')
  const signer = await loadKey(drivers, newest.ref)
  const keys = await readKeys(db)
  return {
    active(purpose) {
      if (purpose !== 'federation') throw new Error(`nothing is signed with a ${purpose} key meanwhile`)
      return signer
    },
    published: (purpose) =>
      purpose === 'federation'
        ? [newest.jwk]
        : keys.filter((key) => key.purpose === purpose && isPublished(key)).map(({ jwk }) => jwk),
  }
}
