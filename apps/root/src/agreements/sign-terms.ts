import { issuerTables, lockNames, queueEntries } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { signAgreementPart } from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import type { Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { isOfOnePiece, type AgreementToSign } from './agreement-decision.ts'
import { agreementIdOf, agreementObject } from './agreement-name.ts'
import { demandAgreement, insertAgreementSignature } from './agreement.store.ts'
import { queueDeliveries } from './delivery.store.ts'
import { demandSignable } from './judge-terms.ts'
import type { KnownAgreement } from './known-agreement.ts'
import { signEvent } from './sign-event.ts'

/** What a signature of this root led to. */
export interface TermsSigned {
  readonly jti: string
  readonly hash: string
  /** Whether every party has signed now. */
  readonly complete: boolean
}

/** Holds an agreement until the transaction ends: whatever adds to it waits. */
export async function lockAgreement(tx: Transaction<RootTables>, id: string): Promise<void> {
  await lockNames(issuerTables(tx), [agreementObject(id)])
}

/** Demands that what officers read is what would be signed, and that this root can sign it now. */
export async function demandDecidable(deps: RootDeps, decided: AgreementToSign): Promise<void> {
  if (!(await isOfOnePiece(decided)))
    throw new RegistryError(
      'agreement-invalid',
      'What would be signed is not what is shown, or has unknown members',
    )
  await demandSignable(deps, decided.agreement, numericDate(deps.node.ambient.now()))
}

/**
 * Signs the terms that officers decided on, and keeps the signature with its place in the log and its way to every other
 * party. Where it is the last one that was missing, this root's activation follows from the same decision.
 */
export async function signTerms(
  deps: RootDeps,
  tx: Transaction<RootTables>,
  { decided, kind, at }: { decided: AgreementToSign; kind: 'terms' | 'signature'; at: Date },
): Promise<TermsSigned> {
  const { entityId, keys, ambient } = deps.node
  const signer = keys.active('federation')
  const { payload, hash, agreement } = decided
  const id = agreementIdOf(agreement.jti)
  const part = await signAgreementPart(signer, payload)
  await insertAgreementSignature(tx, id, { entityId, kid: signer.kid, ...part }, at)
  const entry = { v: 1, t: 'agreement', c: agreement.jti, h: hash, i: numericDate(at) } as const
  await queueEntries(issuerTables(tx), [entry], at)
  const others = agreement.parties.filter((party) => party.entity_id !== entityId)
  await queueDeliveries(
    tx,
    others.map((party) => ({
      agreement: id,
      recipient: party.entity_id,
      kind,
      event: null,
      requestId: ambient.newId(),
    })),
    at,
  )
  ambient.reached('agreement:signed')
  const known = demandAgreement(await deps.agreements.read(tx, id, hash), agreement.jti)
  await activateComplete(deps, tx, known, at)
  return { jti: agreement.jti, hash, complete: known.missing.length === 0 }
}

/**
 * Puts an agreement into force for this root once every party has signed: from its `nbf`, or at once. It says no more than
 * the decision to sign did, so it needs none of its own; the caller has seen that the signature rests on one.
 */
export async function activateComplete(
  deps: RootDeps,
  tx: Transaction<RootTables>,
  agreement: KnownAgreement,
  at: Date,
): Promise<void> {
  const { entityId } = deps.node
  const hasActed = agreement.events.some(({ claims }) => claims.iss === entityId)
  if (agreement.missing.length > 0 || hasActed) return
  const word = { event: 'activate', towards: 'all', reason: 'every party has signed' } as const
  await signEvent(deps, tx, agreement, { ...word, effective: agreement.claims.nbf }, at)
}
