import { bigintArray } from '@arc3088/db'
import { sql, type Transaction } from 'kysely'

import type { ProviderTables } from '../db/tables.ts'
import type { Life } from '../life/life.ts'
import type { RequesterState } from '../requesters/requester.ts'
import { parentKey, type InstanceParent, type InstanceRegistration } from './registration.ts'

/**
 * Reads the ontologies and requesters of a batch in one query and holds them, shared and in key order, until the
 * transaction ends: none can be locked or retired while an instance below it is being written.
 */
export async function lockParents(
  tx: Transaction<ProviderTables>,
  requests: readonly InstanceRegistration[],
): Promise<Map<string, InstanceParent>> {
  const wanted = [...new Map(requests.map((request) => [parentKey(request), request])).values()]
  const { rows } = await sql<{
    requester: number
    ontology: number
    life: Life
    requester_state: RequesterState
  }>`
    select o.requester, o.ontology, o.life, r.state as requester_state
    from ontology o
    join requester r on r.code = o.requester
    where (o.requester, o.ontology) in (
      select * from unnest(
        ${bigintArray(wanted.map((one) => one.requester))}::bigint[],
        ${bigintArray(wanted.map((one) => one.ontology))}::bigint[]
      )
    )
    order by o.requester, o.ontology
    for share of o, r`.execute(tx)
  return new Map(rows.map((row) => [parentKey(row), { life: row.life, requesterState: row.requester_state }]))
}
