import { RegistryError } from '@arc3088/problems'

import { findKey } from './activate-key.ts'
import { announceKey } from './announce-key.ts'
import { keepWitnessedBy } from '../log/log-checkpoint.store.ts'
import { endorse } from './endorse.ts'
import { loadFederationSigner } from './federation-signer.ts'
import type { KeyActor, KeyParts } from './key-parts.ts'
import { judgeCompromise, type NodeKey } from './key.ts'
import { lockKeys, readKeys, updateKey } from './key.store.ts'

/**
 * Says that a key may have been in other hands since an instant: from there on nothing that it signed counts, unless
 * a checkpoint witnessed before covers it (wire-format W8). It stops to sign at once, and is not waited for by the
 * one that takes its place. Told twice with the same instant, it is answered as it is; the instant can only go back.
 */
export async function compromiseKey(
  parts: KeyParts,
  request: KeyActor & { readonly kid: string; readonly since: Date },
): Promise<NodeKey> {
  const { db, ambient, drivers, entityId } = parts
  const { kid, actor, reason } = request
  // Rounded down to the seconds of the documents: half a second of trust too little does no harm.
  const since = new Date(Math.floor(request.since.getTime() / 1000) * 1000)
  // A node without any key of a purpose could not even describe itself: its successor is made known first.
  const known = findKey(await readKeys(db), kid)
  if (known.state === 'active') await announceKey(parts, known.purpose, { actor, reason })
  const compromised = await db.transaction().execute(async (tx) => {
    await lockKeys(tx)
    const keys = await readKeys(tx)
    const key = findKey(keys, kid)
    if (key.compromisedAt?.getTime() === since.getTime()) return key
    const at = ambient.now()
    const judgement = judgeCompromise({ key, since, now: at })
    if (judgement.kind === 'refuse') throw new RegistryError(judgement.because, judgement.detail)
    const signer = await loadFederationSigner(keys, drivers, { compromised: key })
    const step = { state: 'compromised', compromisedAt: since } as const
    await updateKey(tx, kid, step)
    // What the key signed before is proved against this one, as long as anybody asks.
    await keepWitnessedBy(tx, since)
    const change = { key, event: 'compromise', at, actor, reason, revokedAt: since } as const
    await endorse(tx, { ambient, entityId, signer }, change)
    return { ...key, ...step }
  })
  ambient.reached('keys:compromised')
  return compromised
}
