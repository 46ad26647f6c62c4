import { RegistryError } from '@arc3088/problems'
import type { NodeKeyPurpose } from '@arc3088/records'

import { endorse } from './endorse.ts'
import { loadFederationSigner } from './federation-signer.ts'
import { algOf, type HeldKey } from './key-driver.ts'
import type { KeyActor, KeyParts } from './key-parts.ts'
import type { NodeKey } from './key.ts'
import { insertKey, lockKeys, readKeys } from './key.store.ts'
import { readReplacements } from './key-replacement.store.ts'

/**
 * Makes the next key of a purpose known: a private key where the driver keeps it, a row, and an entry for the log.
 * From now on it is published, and it signs nothing before it is activated. One key of a purpose waits at a time:
 * asked again, the one that waits is answered; a key that was made and never came to be announced is taken up.
 */
export async function announceKey(
  parts: KeyParts,
  purpose: NodeKeyPurpose,
  by: KeyActor,
): Promise<{ key: NodeKey; created: boolean }> {
  const { db, ambient, drivers, entityId } = parts
  const known = await readKeys(db)
  const waiting = waitingOf(known, purpose)
  if (waiting !== undefined) return { key: waiting, created: false }
  const held = (await findUnannounced(parts, purpose, known)) ?? (await makeKey(parts, purpose))
  ambient.reached('keys:written')
  const announced = await db.transaction().execute(async (tx) => {
    await lockKeys(tx)
    const current = await readKeys(tx)
    const raced = waitingOf(current, purpose)
    if (raced !== undefined) return { key: raced, created: false }
    demandNewKey(held, purpose, current)
    const at = ambient.now()
    const key: NodeKey = {
      kid: held.publicJwk.kid,
      purpose,
      jwk: held.publicJwk,
      ref: held.ref,
      state: 'announced',
      announcedAt: at,
      endorsedAt: parts.endorsedBy === 'self' ? at : null,
      activatedAt: null,
      outgoingAt: null,
      retiredAt: null,
      finalCheckpointSize: null,
      compromisedAt: null,
    }
    await insertKey(tx, key)
    const signer = await loadFederationSigner(current, drivers)
    await endorse(tx, { ambient, entityId, signer }, { key, event: 'announce', at, ...by })
    return { key, created: true }
  })
  ambient.reached('keys:logged')
  return announced
}

function waitingOf(keys: readonly NodeKey[], purpose: NodeKeyPurpose): NodeKey | undefined {
  return keys.find((key) => key.purpose === purpose && key.state === 'announced')
}

/** Makes a key where the driver keeps it. */
export async function makeKey({ driver }: KeyParts, purpose: NodeKeyPurpose): Promise<HeldKey> {
  return await driver.generate(purpose, algOf(purpose))
}

/** A key that the driver holds and this node knows nothing of. Throws `key-two-purposes`. */
async function findUnannounced(
  { db, driver }: KeyParts,
  purpose: NodeKeyPurpose,
  known: readonly NodeKey[],
): Promise<HeldKey | undefined> {
  const held = await driver.find(purpose)
  for (const key of held) {
    const other = known.find(({ kid }) => kid === key.publicJwk.kid)
    if (other !== undefined && other.purpose !== purpose) throw twoPurposes(other, purpose)
  }
  // What was prepared for a decision of the root's is not announced: the root would know it too early.
  const taken = [...known, ...(await readReplacements(db))]
  return held.find(({ publicJwk }) => !taken.some(({ kid }) => kid === publicJwk.kid))
}

function demandNewKey(held: HeldKey, purpose: NodeKeyPurpose, current: readonly NodeKey[]): void {
  const same = current.find(({ kid }) => kid === held.publicJwk.kid)
  if (same !== undefined) throw twoPurposes(same, purpose)
}

function twoPurposes(known: NodeKey, purpose: NodeKeyPurpose): RegistryError {
  return new RegistryError(
    'key-two-purposes',
    `Key ${known.kid} is a ${known.purpose} key, and is not announced as a ${purpose} key`,
  )
}
