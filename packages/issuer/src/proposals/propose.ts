import { jcsDigest } from '@arc3088/records'
import type { Ambient } from '@arc3088/service'
import type { Transaction } from 'kysely'

import { insertAuditEntry } from '../audit/audit.store.ts'
import type { IssuerTables } from '../db/tables.ts'
import type { Proposal } from './proposal.ts'
import { expireProposals, insertProposal } from './proposal.store.ts'

/** Days after which a proposal nobody decided is void. */
export const PROPOSAL_DAYS_MAX = 30
const DAY_MILLISECONDS = 86_400_000

/**
 * Puts an act before the other officers. Throws `proposal-pending` while another proposal claims one of the
 * objects: two decisions about one thing are taken one after the other.
 */
export async function propose(
  tx: Transaction<IssuerTables>,
  ambient: Ambient,
  act: {
    kind: string
    payload: Readonly<Record<string, unknown>>
    objects: readonly string[]
    proposer: string
    reason: string
    /** Who may decide it. */
    officerSet: string
  },
): Promise<Proposal> {
  const proposedAt = ambient.now()
  const proposal: Proposal = {
    id: ambient.newId(),
    kind: act.kind,
    payload: act.payload,
    hash: await jcsDigest({ kind: act.kind, payload: act.payload }),
    proposer: act.proposer,
    proposedAt,
    expiresAt: new Date(proposedAt.getTime() + PROPOSAL_DAYS_MAX * DAY_MILLISECONDS),
    state: 'pending',
    officerSet: act.officerSet,
  }
  await expireProposals(tx, act.objects, proposedAt)
  await insertProposal(tx, proposal, act.objects)
  await insertAuditEntry(tx, {
    id: ambient.newId(),
    at: proposedAt,
    actor: act.proposer,
    act: `propose:${act.kind}`,
    object: `proposal:${proposal.id}`,
    reason: act.reason,
    detail: { payload: act.payload, hash: proposal.hash },
  })
  return proposal
}
