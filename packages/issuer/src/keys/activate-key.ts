import { RegistryError } from '@arc3088/problems'
import { decodeBase64url } from '@arc3088/records'

import { endorse } from './endorse.ts'
import { loadFederationSigner } from './federation-signer.ts'
import { loadKey } from './key-driver.ts'
import type { KeyActor, KeyLog, KeyParts } from './key-parts.ts'
import { judgeActivation, overlapSecondsOf, type NodeKey } from './key.ts'
import { lockKeys, readKeys, readOwnEndorsement, updateKey } from './key.store.ts'

/**
 * Lets an announced key sign, and makes the one before it outgoing, in one transaction that holds off every other
 * change of keys. Refuses with `key-not-endorsed` while the node's own log has no witnessed proof of the
 * announcement, or the root has not endorsed it, and with `key-too-early` within the overlap. A key that is active
 * already is answered as it is.
 */
export async function activateKey(
  parts: KeyParts,
  log: KeyLog,
  request: KeyActor & { readonly kid: string; readonly overlapSeconds?: number },
): Promise<NodeKey> {
  const { db, ambient, drivers, entityId } = parts
  const { kid, actor, reason } = request
  const wanted = findKey(await readKeys(db), kid)
  const isWitnessed = await isAnnouncementWitnessed(parts, log, kid)
  // A key whose private half is not here would leave the purpose without a key that can sign.
  await loadKey(drivers, wanted.ref)
  const active = await db.transaction().execute(async (tx) => {
    await lockKeys(tx)
    const keys = await readKeys(tx)
    const key = findKey(keys, kid)
    if (key.state === 'active') return key
    const siblings = keys.filter(({ purpose }) => purpose === key.purpose)
    const at = ambient.now()
    const isRootsFederationKey = parts.endorsedBy === 'self' && key.purpose === 'federation'
    const judgement = judgeActivation({
      key,
      siblings,
      isWitnessed,
      isInRootKeySet: !isRootsFederationKey || parts.rootKeySetKids?.has(kid) === true,
      now: at,
      overlapSeconds: request.overlapSeconds ?? overlapSecondsOf(key.purpose),
    })
    if (judgement.kind === 'refuse') throw new RegistryError(judgement.because, judgement.detail)
    const signer = await loadFederationSigner(keys, drivers)
    for (const before of siblings.filter(({ state }) => state === 'active'))
      await updateKey(tx, before.kid, { state: 'outgoing', outgoingAt: at })
    await updateKey(tx, kid, { state: 'active', activatedAt: at })
    await endorse(tx, { ambient, entityId, signer }, { key, event: 'activate', at, actor, reason })
    return { ...key, state: 'active' as const, activatedAt: at }
  })
  ambient.reached('keys:activated')
  return active
}

/** Finds a key, or throws `key-not-found`. */
export function findKey(keys: readonly NodeKey[], kid: string): NodeKey {
  const key = keys.find((each) => each.kid === kid)
  if (key === undefined) throw new RegistryError('key-not-found', `There is no key ${kid}`)
  return key
}

async function isAnnouncementWitnessed({ db }: KeyParts, log: KeyLog, kid: string): Promise<boolean> {
  const announcement = await readOwnEndorsement(db, { kid, event: 'announce' })
  const hash = announcement === undefined ? undefined : decodeBase64url(announcement.hash)
  return hash !== undefined && (await log.proofOf(hash, { type: 'endorse' })) !== undefined
}
