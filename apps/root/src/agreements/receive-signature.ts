import { insertAuditEntry, issuerTables } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { Base64urlSha256, checkAgreement } from '@arc3088/records'
import { z } from 'zod'

import type { RootDeps } from '../deps.ts'
import type { ReceivedRequest } from '../federation/signed-request.ts'
import { agreementIdOf, agreementName } from './agreement-name.ts'
import { demandAgreement, insertAgreementSignature, readStoredAgreement } from './agreement.store.ts'
import { receiveFromRoot } from './receive-from-root.ts'
import { activateComplete, lockAgreement } from './sign-terms.ts'

const PART_LENGTH_MAX = 1024
const Body = z.strictObject({
  hash: Base64urlSha256,
  protected: z.string().min(1).max(PART_LENGTH_MAX),
  signature: z.string().min(1).max(PART_LENGTH_MAX),
})

/** Which agreement, and whose signature it is said to be. */
export interface SignaturePlace {
  readonly name: string
  readonly entityId: string
}

/** How a signature was received. */
export interface SignatureReceived {
  readonly jti: string
  readonly hash: string
  readonly created: boolean
}

/**
 * Takes a party's own signature on terms that are known here (W9, W11). Each party signs once; a second signature changes
 * nothing. Where it is the last one, and this root has signed by decision of its officers, its activation follows.
 *
 * @throws RegistryError `agreement-not-found`, `agreement-invalid`, and as `receiveFromRoot`.
 */
export async function receiveSignature(
  deps: RootDeps,
  received: ReceivedRequest,
  place: SignaturePlace,
): Promise<SignatureReceived> {
  const id = agreementIdOf(place.name)
  const { sender, keys, body, request } = await receiveFromRoot(deps, received, Body)
  const refuse = (detail: string) => new RegistryError('agreement-invalid', detail)
  if (sender.entityId !== place.entityId) throw refuse('A party sends its own signature')
  const { db, ambient, entityId } = deps.node
  const at = ambient.now()
  return await db.transaction().execute(async (tx) => {
    await lockAgreement(tx, id)
    const stored = demandAgreement(await readStoredAgreement(tx, id), place.name)
    if (stored.hash !== body.hash) throw refuse(`The hash of the terms is ${stored.hash}`)
    const part = { protected: body.protected, signature: body.signature }
    const checked = await checkAgreement({ payload: stored.payload, signatures: [part] }, (party) =>
      party === sender.entityId ? keys : [],
    )
    if (checked.kind === 'rejected') throw refuse(`${checked.reason}: ${checked.detail}`)
    const [signature] = checked.signatures
    if (signature?.entityId !== sender.entityId) throw refuse(`The key is not of ${sender.entityId}`)
    const answer = { jti: agreementName(id), hash: stored.hash }
    if (stored.signatures.some((each) => each.entityId === sender.entityId))
      return { ...answer, created: false }
    await insertAgreementSignature(tx, id, { ...signature, ...part }, at)
    await insertAuditEntry(issuerTables(tx), {
      id: ambient.newId(),
      at,
      actor: sender.entityId,
      act: 'agreement:receive-signature',
      object: `agreement:${id}`,
      reason: null,
      detail: { request: request.jti, hash: stored.hash },
    })
    ambient.reached('agreement:signature-received')
    // Its own signature is there only where a decision of its officers bears it out.
    const known = await deps.agreements.read(tx, id)
    if (known?.signed.includes(entityId) === true) await activateComplete(deps, tx, known, at)
    return { ...answer, created: true }
  })
}
