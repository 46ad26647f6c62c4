import type { Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'

/** Reads the pending proposals that somebody made or signed, and holds them until the transaction ends. */
export async function lockProposalsBy(
  tx: Transaction<IssuerTables>,
  operator: string,
): Promise<{ id: string; kind: string; hash: string }[]> {
  return await tx
    .selectFrom('proposal')
    .select(['id', 'kind', 'payload_hash as hash'])
    .where('state', '=', 'pending')
    .where(({ or, eb, selectFrom }) =>
      or([
        eb('proposer', '=', operator),
        eb(
          'id',
          'in',
          selectFrom('proposal_signature').select('proposal_id').where('officer', '=', operator),
        ),
      ]),
    )
    .orderBy('id')
    .forUpdate()
    .execute()
}

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
