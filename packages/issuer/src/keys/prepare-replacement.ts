import { makeKey } from './announce-key.ts'
import { readHeldReplacements } from './held-replacement.ts'
import type { KeyActor, KeyParts } from './key-parts.ts'
import { lockKeys } from './key.store.ts'
import { insertReplacement, type KeyReplacement } from './key-replacement.store.ts'

/**
 * Makes the federation key that is to stand in the place of all others (wire-format W2), and tells nobody: its public half
 * goes to the desk of the root by a way that is no network. The one that waits already, and is held, is answered unless
 * another is asked for. A key file that lies about is never taken up: nobody knows who has read it.
 */
export async function prepareReplacement(
  parts: KeyParts,
  request: KeyActor & { readonly another: boolean },
): Promise<{ replacement: KeyReplacement; created: boolean }> {
  const { db, ambient, drivers } = parts
  const { another, ...by } = request
  const waiting = another ? undefined : await findWaiting(parts)
  if (waiting !== undefined) return { replacement: waiting, created: false }
  const held = await makeKey(parts, 'federation')
  ambient.reached('keys:written')
  const prepared = await db.transaction().execute(async (tx) => {
    await lockKeys(tx)
    const raced = another ? undefined : await findWaiting({ db: tx, drivers })
    if (raced !== undefined) return { replacement: raced, created: false }
    const at = ambient.now()
    await insertReplacement(tx, { held, at, ...by })
    const { publicJwk: jwk, ref } = held
    return { replacement: { kid: jwk.kid, jwk, ref, preparedAt: at }, created: true }
  })
  ambient.reached('keys:prepared')
  return prepared
}

/** The newest replacement that this node holds, while it has not come into use. */
async function findWaiting(
  parts: Pick<KeyParts, 'db' | 'drivers' | 'onFault'>,
): Promise<KeyReplacement | undefined> {
  const [newest] = await readHeldReplacements(parts)
  if (newest === undefined || newest.isUsed) return undefined
  const { kid, jwk, ref, preparedAt } = newest
  return { kid, jwk, ref, preparedAt }
}
