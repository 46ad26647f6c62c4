import { violates } from '@arc3088/db'
import { RegistryError } from '@arc3088/problems'
import {
  decisionHash,
  formatDecision,
  jcsDigest,
  verifyDecision,
  type Decision,
  type GeneralJws,
} from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import type { Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { queueEntries } from '../log/log-queue.store.ts'
import type { Decided } from '../officers/decided.ts'
import type { KnownOfficerSet } from '../officers/decision-book.ts'
import { insertDecision, type StoredSignature } from '../officers/officer.store.ts'
import type { Proposal } from './proposal.ts'

/** A proposal with as many signatures as it takes, as the database has them. */
export interface SignedProposal {
  readonly proposal: Proposal
  /** What every officer signed. */
  readonly claims: Decision
  readonly signatures: readonly StoredSignature[]
  readonly set: KnownOfficerSet
  readonly approver: string
  readonly at: Date
}

/**
 * Keeps and logs a decision. It is verified whole before anything follows from it: what is carried out signs at once, and
 * neither a signature that somebody wrote into the database nor a payload that is not the one signed may lead there.
 *
 * @throws RegistryError `decision-unproven`
 */
export async function makeDecision(
  tx: Transaction<IssuerTables>,
  { proposal, claims, signatures, set, approver, at }: SignedProposal,
): Promise<Decided> {
  const { id: proposalId, kind, payload } = proposal
  const decision = generalJws(claims, signatures)
  const verified = await verifyDecision(decision, set)
  if (verified.kind === 'rejected') throw unproven(`${verified.reason}: ${verified.detail}`)
  if (claims.hash !== (await jcsDigest({ kind, payload }))) throw unproven('its hash is of another payload')
  const hash = await decisionHash(decision)
  await insertDecision(tx, { proposalId, hash, jws: decision, decidedAt: at }).catch((error: unknown) => {
    if (!violates(error, 'decision_proposal_key') && !violates(error, 'decision_hash_key')) throw error
    throw unproven('the database holds another decision of this proposal, which nobody made')
  })
  await queueEntries(tx, [{ v: 1, t: 'decision', c: proposalId, h: hash, i: numericDate(at) }], at)
  return { proposalId, kind, payload, hash, decision, approver, decidedAt: at }
}

/** In the order of the keys, so that one decision has one form. */
function generalJws(claims: Decision, signatures: readonly StoredSignature[]): GeneralJws {
  const ordered = signatures.toSorted((a, b) => (a.kid < b.kid ? -1 : 1))
  return {
    payload: formatDecision(claims),
    signatures: ordered.map((each) => ({ protected: each.protected, signature: each.signature })),
  }
}

function unproven(detail: string): RegistryError {
  return new RegistryError('decision-unproven', `The proposal is not what its officers signed: ${detail}`)
}
