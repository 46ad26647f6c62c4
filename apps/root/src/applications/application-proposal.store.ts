import type { Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'

/** True while a proposal about this object waits for officers. */
export async function isProposalPending(
  tx: Transaction<RootTables>,
  object: string,
  at: Date,
): Promise<boolean> {
  const row = await tx
    .selectFrom('proposal_object')
    .innerJoin('proposal', 'proposal.id', 'proposal_object.proposal_id')
    .select('proposal.id')
    .where('proposal_object.object', '=', object)
    .where('proposal.state', '=', 'pending')
    .where('proposal.expires_at', '>', at)
    .executeTakeFirst()
  return row !== undefined
}
