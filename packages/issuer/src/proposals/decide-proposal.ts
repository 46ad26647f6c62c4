import { RegistryError } from '@arc3088/problems'
import {
  formatDecision,
  thresholdOf,
  verifyDecisionSignatures,
  type Decision,
  type DecisionSignature,
} from '@arc3088/records'
import { numericDate, type Ambient, type IdempotencyKey } from '@arc3088/service'
import type { Transaction } from 'kysely'

import { insertAuditEntry } from '../audit/audit.store.ts'
import { lockNames } from '../assignment/assignment.store.ts'
import { keyReused } from '../assignment/replay.ts'
import type { IssuerTables } from '../db/tables.ts'
import { readKeyIds, readOperator } from '../operators/operator.store.ts'
import type { Decided } from '../officers/decided.ts'
import type { KnownOfficerSet } from '../officers/decision-book.ts'
import {
  insertSignature,
  readKeyHolder,
  readSignatures,
  type StoredSignature,
} from '../officers/officer.store.ts'
import { makeDecision } from './make-decision.ts'
import { judgeOwn, judgeVote, type Proposal, type VoteJudgement } from './proposal.ts'
import { closeProposal, insertVote, lockProposal } from './proposal.store.ts'

/** An officer's word on one proposal. */
export interface OfficerWord {
  readonly proposalId: string
  readonly officer: string
  /** The hash of the proposal that the officer read. */
  readonly hash: string
}

/** An approval, signed with the officer's own key. */
export interface Approval extends OfficerWord {
  readonly reason: string
  readonly signature: DecisionSignature
  readonly idempotency: IdempotencyKey
}

/** What deciding takes. */
export interface DecidingParts {
  readonly ambient: Ambient
  readonly entityId: string
  /** The set that decides, as the book proves it: a row alone makes no officer, and stops none. Asked under the desk's lock. */
  currentSet(): Promise<KnownOfficerSet>
}

/** How far an approval has brought a proposal. */
export type ApprovalStep =
  | { readonly kind: 'decided'; readonly proposal: Proposal; readonly decided: Decided }
  | {
      readonly kind: 'waiting'
      readonly proposal: Proposal
      readonly signed: number
      readonly needed: number
    }
  | { readonly kind: 'replayed'; readonly proposal: Proposal }

/**
 * Acts of the desk come one after the other: they are people's decisions, few, and no order of locks between the things
 * they are about has then to be thought of. Also what makes the ordinals of decisions their order.
 */
export async function lockDesk(tx: Transaction<IssuerTables>): Promise<void> {
  await lockNames(tx, ['desk'])
}

/**
 * Finds that somebody is still at the desk; the caller holds it, so that nobody leaves meanwhile. A token may be known for
 * some seconds after its holder has left, and no word of theirs may count then.
 */
export async function demandAtDesk(tx: Transaction<IssuerTables>, operator: string): Promise<void> {
  if ((await readOperator(tx, operator)) === undefined)
    throw new RegistryError('operator-disabled', `Operator ${operator} has left the desk`)
}

/** What officers sign of a proposal. */
export function decisionOf(proposal: Proposal, entityId: string): Decision {
  if (proposal.officerSet === undefined)
    throw new RegistryError('officers-changed', 'Proposed before officers had keys; propose it again')
  return {
    iss: entityId,
    proposal: proposal.id,
    kind: proposal.kind,
    hash: proposal.hash as Decision['hash'],
    officer_set: proposal.officerSet,
    exp: numericDate(proposal.expiresAt),
  }
}

/** Keeps the proposer's own signature: from then on others may decide. The same again changes nothing. */
export async function signProposal(
  tx: Transaction<IssuerTables>,
  parts: DecidingParts,
  word: OfficerWord & { signature: DecisionSignature },
): Promise<Proposal> {
  await lockDesk(tx)
  await demandAtDesk(tx, word.officer)
  const proposal = await demandProposal(tx, word.proposalId)
  const at = parts.ambient.now()
  demandCounts(judgeOwn(proposal, { ...word, at }))
  const { entityId, currentSet } = parts
  const signature = await judgeSignature(tx, { entityId, set: await currentSet() }, { proposal, ...word })
  const earlier = await readSignatures(tx, proposal.id)
  if (!earlier.some(({ officer }) => officer === word.officer))
    await insertSignature(tx, proposal.id, { ...signature, keyHash: null, bodyHash: null }, at)
  return proposal
}

/**
 * Counts an officer's signed approval. With the last one that is needed the proposal is decided: the decision of all
 * signatures is kept and logged, and the caller carries the act out and closes it in the same transaction, so that
 * nothing is decided and undone. A retry under the same key is answered from what it led to.
 */
export async function approveProposal(
  tx: Transaction<IssuerTables>,
  parts: DecidingParts,
  approval: Approval,
): Promise<ApprovalStep> {
  const { ambient, entityId } = parts
  await lockDesk(tx)
  const set = await parts.currentSet()
  const proposal = await demandProposal(tx, approval.proposalId)
  const earlier = await readSignatures(tx, proposal.id)
  const replayed = replayOf(proposal, earlier, approval)
  const needed = thresholdOf(set.claims, proposal.kind)
  if (replayed)
    return proposal.state === 'approved'
      ? { kind: 'replayed', proposal }
      : { kind: 'waiting', proposal, signed: earlier.length, needed }
  await demandAtDesk(tx, approval.officer)
  const at = ambient.now()
  demandCounts(judgeVote(proposal, { ...approval, at }))
  const isSigned = earlier.some(({ officer }) => officer === proposal.proposer)
  if (!isSigned && (await isOfficer(tx, set, proposal.proposer)))
    throw new RegistryError('proposal-unsigned', 'Its proposer signs first')
  if (earlier.some(({ officer }) => officer === approval.officer))
    throw new RegistryError('proposal-decided', 'You have approved it already, under another Idempotency-Key')
  const { keyHash, bodyHash } = approval.idempotency
  const signature = await judgeSignature(tx, { entityId, set }, { proposal, ...approval })
  const own = { ...signature, keyHash, bodyHash }
  await insertVote(tx, { proposal, officer: approval.officer, vote: 'approve', reason: approval.reason, at })
  await insertSignature(tx, proposal.id, own, at)
  await audit(tx, ambient, { proposal, act: 'approve', at, ...approval })
  const signatures = [...earlier, own]
  if (signatures.length < needed) return { kind: 'waiting', proposal, signed: signatures.length, needed }
  const decided = await makeDecision(tx, {
    proposal,
    claims: decisionOf(proposal, entityId),
    signatures,
    set,
    approver: approval.officer,
    at,
  })
  return { kind: 'decided', proposal, decided }
}

/** Ends a proposal by another officer's word; nothing is carried out. */
export async function rejectProposal(
  tx: Transaction<IssuerTables>,
  { ambient, currentSet }: DecidingParts,
  word: OfficerWord & { reason: string },
): Promise<Proposal> {
  await lockDesk(tx)
  await demandAtDesk(tx, word.officer)
  if (!(await isOfficer(tx, await currentSet(), word.officer)))
    throw new RegistryError('officer-key-unknown', 'You have no key in the officer set in force')
  const proposal = await demandProposal(tx, word.proposalId)
  const at = ambient.now()
  demandCounts(judgeVote(proposal, { ...word, at }))
  await insertVote(tx, { proposal, officer: word.officer, vote: 'reject', reason: word.reason, at })
  await closeProposal(tx, proposal.id, { state: 'rejected', at })
  await audit(tx, ambient, { proposal, act: 'reject', at, ...word })
  return { ...proposal, state: 'rejected' }
}

/** Takes a proposal back; its proposer's own act. */
export async function withdrawProposal(
  tx: Transaction<IssuerTables>,
  ambient: Ambient,
  word: OfficerWord & { reason: string },
): Promise<Proposal> {
  await lockDesk(tx)
  await demandAtDesk(tx, word.officer)
  const proposal = await demandProposal(tx, word.proposalId)
  const at = ambient.now()
  demandCounts(judgeOwn(proposal, { ...word, at }))
  await closeProposal(tx, proposal.id, { state: 'withdrawn', at })
  await audit(tx, ambient, { proposal, act: 'withdraw', at, ...word })
  return { ...proposal, state: 'withdrawn' }
}

/** Whether somebody decides: by a key of the set. An administrator proposes without one, and officers alone sign. */
async function isOfficer(
  tx: Transaction<IssuerTables>,
  { claims }: KnownOfficerSet,
  operator: string,
): Promise<boolean> {
  const own = (await readKeyIds(tx, [operator])).get(operator) ?? []
  return claims.keys.some(({ kid }) => own.includes(kid))
}

/** The signature with its key, found good: by a key of the set in force that belongs to this very officer. */
async function judgeSignature(
  tx: Transaction<IssuerTables>,
  { entityId, set }: { entityId: string; set: KnownOfficerSet },
  given: { proposal: Proposal; officer: string; signature: DecisionSignature },
): Promise<DecisionSignature & { officer: string; kid: string }> {
  const { proposal, officer, signature } = given
  if (proposal.officerSet !== set.hash)
    throw new RegistryError('officers-changed', 'Propose it again, to the officers in force')
  const payload = formatDecision(decisionOf(proposal, entityId))
  const verified = await verifyDecisionSignatures({ payload, signatures: [signature] }, set)
  if (verified.kind === 'rejected') {
    const because = verified.reason === 'key-unknown' ? 'officer-key-unknown' : 'decision-signature-invalid'
    throw new RegistryError(because, `${verified.reason}: ${verified.detail}`)
  }
  const [kid = ''] = verified.kids
  if ((await readKeyHolder(tx, kid)) !== officer)
    throw new RegistryError('officer-key-unknown', `Key ${kid} is another officer's`)
  return { protected: signature.protected, signature: signature.signature, officer, kid }
}

function replayOf(proposal: Proposal, earlier: readonly StoredSignature[], approval: Approval): boolean {
  const own = earlier.find(({ officer }) => officer === approval.officer)
  const { keyHash, bodyHash } = own ?? { keyHash: null, bodyHash: null }
  if (keyHash === null || !Buffer.from(keyHash).equals(approval.idempotency.keyHash)) return false
  if (bodyHash === null || !Buffer.from(bodyHash).equals(approval.idempotency.bodyHash)) throw keyReused()
  return proposal.state === 'approved' || proposal.state === 'pending'
}

async function demandProposal(tx: Transaction<IssuerTables>, id: string): Promise<Proposal> {
  const proposal = await lockProposal(tx, id)
  if (proposal === undefined) throw new RegistryError('proposal-not-found', `There is no proposal ${id}`)
  return proposal
}

function demandCounts(judgement: VoteJudgement): void {
  if (judgement.kind === 'refuse') throw new RegistryError(judgement.because, judgement.detail)
}

async function audit(
  tx: Transaction<IssuerTables>,
  ambient: Ambient,
  entry: { proposal: Proposal; act: string; at: Date; officer: string; reason: string },
): Promise<void> {
  const { proposal, act, at, officer, reason } = entry
  await insertAuditEntry(tx, {
    id: ambient.newId(),
    at,
    actor: officer,
    act: `${act}:${proposal.kind}`,
    object: `proposal:${proposal.id}`,
    reason,
    detail: { hash: proposal.hash },
  })
}
