import { issuerTables, queueEntries } from '@arc3088/issuer'
import type { ListStanding } from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import type { Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'

/**
 * Queues a list for the log (W8 `list`) in the transaction of the decision that makes it. Its name is its address; what
 * is hashed is the list's own digest, which stays the same however often the list is signed.
 */
export async function queueList(
  { node }: RootDeps,
  tx: Transaction<RootTables>,
  list: { path: string; standing: ListStanding },
): Promise<void> {
  const at = node.ambient.now()
  const entry = { v: 1, t: 'list', c: `${node.entityId}${list.path}`, h: list.standing.digest } as const
  await queueEntries(issuerTables(tx), [{ ...entry, i: numericDate(at) }], at)
}
