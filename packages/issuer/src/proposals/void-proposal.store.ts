import type { Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'

/** Reads the pending proposals about an object, and holds them until the transaction ends. */
export async function lockProposalsAbout(
  tx: Transaction<IssuerTables>,
  object: string,
): Promise<{ id: string; kind: string; hash: string }[]> {
  return await tx
    .selectFrom('proposal')
    .select(['id', 'kind', 'payload_hash as hash'])
    .where('state', '=', 'pending')
    .where('id', 'in', (query) =>
      query.selectFrom('proposal_object').select('proposal_id').where('object', '=', object),
    )
    .orderBy('id')
    .forUpdate()
    .execute()
}
