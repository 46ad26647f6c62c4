import { findUnannounced, makeKey } from './announce-key.ts'
import type { KeyActor, KeyParts } from './key-parts.ts'
import { lockKeys, readKeys } from './key.store.ts'
import { insertReplacement, readReplacements, type KeyReplacement } from './key-replacement.store.ts'

/**
 * Makes the federation key that is to stand in the place of all others (wire-format W2), and tells nobody: its public half
 * goes to the desk of the root by a way that is no network. The one that waits already is answered, unless another is asked
 * for; a key that was made and never came to be kept is taken up.
 */
export async function prepareReplacement(
  parts: KeyParts,
  request: KeyActor & { readonly another: boolean },
): Promise<{ replacement: KeyReplacement; created: boolean }> {
  const { db, ambient } = parts
  const { another, ...by } = request
  const waiting = another ? undefined : await findWaiting(parts)
  if (waiting !== undefined) return { replacement: waiting, created: false }
  const known = await readKeys(db)
  const held = (await findUnannounced(parts, 'federation', known)) ?? (await makeKey(parts, 'federation'))
  ambient.reached('keys:written')
  const prepared = await db.transaction().execute(async (tx) => {
    await lockKeys(tx)
    const raced = another ? undefined : await findWaiting({ db: tx })
    if (raced !== undefined) return { replacement: raced, created: false }
    const at = ambient.now()
    await insertReplacement(tx, { held, at, ...by })
    const { publicJwk: jwk, ref } = held
    return { replacement: { kid: jwk.kid, jwk, ref, preparedAt: at }, created: true }
  })
  ambient.reached('keys:prepared')
  return prepared
}

/** The newest replacement, while it has not come into use. */
export async function findWaiting({ db }: Pick<KeyParts, 'db'>): Promise<KeyReplacement | undefined> {
  const [newest] = await readReplacements(db)
  if (newest === undefined) return undefined
  const isUsed = (await readKeys(db)).some(({ kid }) => kid === newest.kid)
  return isUsed ? undefined : newest
}
