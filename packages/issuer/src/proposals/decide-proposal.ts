import { RegistryError } from '@arc3088/problems'
import type { Ambient } from '@arc3088/service'
import type { Transaction } from 'kysely'

import { insertAuditEntry } from '../audit/audit.store.ts'
import type { IssuerTables } from '../db/tables.ts'
import { judgeVote, type Proposal, type Vote } from './proposal.ts'
import { closeProposal, insertVote, lockProposal } from './proposal.store.ts'

/**
 * Counts one officer's vote. Two officers in all decide: whoever proposed, and one other. Answers the proposal
 * as decided; the caller carries out an approval in the same transaction, so that nothing is approved and undone.
 */
export async function decideProposal(
  tx: Transaction<IssuerTables>,
  ambient: Ambient,
  decision: { proposalId: string; officer: string; vote: Vote; hash: string; reason: string },
): Promise<Proposal> {
  const proposal = await lockProposal(tx, decision.proposalId)
  if (proposal === undefined) {
    throw new RegistryError('proposal-not-found', `There is no proposal ${decision.proposalId}`)
  }
  const at = ambient.now()
  const judgement = judgeVote(proposal, { officer: decision.officer, hash: decision.hash, at })
  if (judgement.kind === 'refuse') throw new RegistryError(judgement.because, judgement.detail)
  const state = decision.vote === 'approve' ? 'approved' : 'rejected'
  await insertVote(tx, {
    proposal,
    officer: decision.officer,
    vote: decision.vote,
    reason: decision.reason,
    at,
  })
  await closeProposal(tx, proposal.id, state, at)
  await insertAuditEntry(tx, {
    id: ambient.newId(),
    at,
    actor: decision.officer,
    act: `${decision.vote}:${proposal.kind}`,
    object: `proposal:${proposal.id}`,
    reason: decision.reason,
    detail: { hash: proposal.hash },
  })
  return { ...proposal, state }
}
