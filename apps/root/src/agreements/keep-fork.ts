import { insertAuditEntry, issuerTables } from '@arc3088/issuer'
import type { EventFork } from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import type { Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { insertContradiction, insertWhereRoom } from './agreement-fork.store.ts'
import type { KnownAgreement } from './known-agreement.ts'

/**
 * Keeps two events that a party signed for one place, and raises the alarm: in the log, in the audit ledger, at the desk. From
 * then on the party counts as suspended here. The first proof always finds room; rows that prove nothing take none from it.
 * The caller has verified both events, and holds the agreement, read since.
 */
export async function keepFork(
  { node }: RootDeps,
  tx: Transaction<RootTables>,
  { agreement, fork, toldBy }: { agreement: KnownAgreement; fork: EventFork; toldBy: string },
): Promise<void> {
  const { entityId, seq, known, other } = fork
  const { id, doubted } = agreement
  const at = node.ambient.now()
  const contradiction = { id, entityId, seq, known: known.jws, other: other.jws, otherHash: other.hash }
  // A row says since when: one that says a later day has not raised any alarm.
  const isFoundOut = (doubted.get(entityId) ?? Infinity) <= numericDate(at)
  if (!isFoundOut) await insertContradiction(tx, contradiction, at)
  else if (!(await insertWhereRoom(tx, contradiction, at))) return
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
