import type { Kysely, Transaction } from 'kysely'
import { sql } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { Operator } from './operator.store.ts'

/** Name of an operator among the objects that a pending proposal claims. */
export function operatorObject(id: string): string {
  return `operator:${id}`
}

/** Keeps the name of somebody whom a proposal would add, and drops those whose proposals have ended. */
export async function insertCandidate(tx: Transaction<IssuerTables>, candidate: Operator): Promise<void> {
  await tx
    .deleteFrom('operator_candidate')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('proposal_object')
            .select('object')
            .whereRef('object', '=', sql`'operator:' || operator_candidate.operator`),
        ),
      ),
    )
    .execute()
  const { id: operator, name, role } = candidate
  await tx.insertInto('operator_candidate').values({ operator, name, role }).execute()
}

/** Takes a candidate out, to be made an operator. */
export async function takeCandidate(
  tx: Transaction<IssuerTables>,
  id: string,
): Promise<{ name: string } | undefined> {
  return await tx
    .deleteFrom('operator_candidate')
    .where('operator', '=', id)
    .returning('name')
    .executeTakeFirst()
}

/** Reads whom pending proposals would add. */
export async function readCandidates(db: Kysely<IssuerTables>): Promise<(Operator & { proposal: string })[]> {
  return await db
    .selectFrom('operator_candidate')
    .innerJoin('proposal_object', (join) =>
      join.onRef('proposal_object.object', '=', sql`'operator:' || operator_candidate.operator`),
    )
    .select(['operator as id', 'name', 'role', 'proposal_object.proposal_id as proposal'])
    .orderBy('operator', 'desc')
    .execute()
}
