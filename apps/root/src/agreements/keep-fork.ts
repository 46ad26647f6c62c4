import { insertAuditEntry, issuerTables } from '@arc3088/issuer'
import type { EventFork } from '@arc3088/records'
import type { Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { insertContradiction } from './agreement-fork.store.ts'

/**
 * Keeps two events that a party signed for one place, and raises the alarm the first time: in the log, in the audit ledger,
 * at the desk. From then on the party counts as suspended here. The caller has verified both, and holds the agreement.
 */
export async function keepFork(
  { node }: RootDeps,
  tx: Transaction<RootTables>,
  { id, fork, toldBy }: { id: string; fork: EventFork; toldBy: string },
): Promise<void> {
  const { entityId, seq, known, other } = fork
  const at = node.ambient.now()
  const isNew = await insertContradiction(
    tx,
    { id, entityId, seq, known: known.jws, other: other.jws, otherHash: other.hash },
    at,
  )
  if (!isNew) return
  node.log.error(
    { 'entity.id': entityId, 'agreement.id': id, 'event.seq': seq, 'told.by': toldBy },
    'a party signed two events for one place, and counts as suspended',
  )
  await insertAuditEntry(issuerTables(tx), {
    id: node.ambient.newId(),
    at,
    actor: toldBy,
    act: 'agreement:fork-found',
    object: `agreement:${id}`,
    reason: null,
    detail: { entity_id: entityId, seq, known: known.hash, other: other.hash },
  })
}
