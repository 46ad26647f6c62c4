import type { Ambient } from '@arc3088/service'
import type { Transaction } from 'kysely'

import { insertAuditEntry } from '../audit/audit.store.ts'
import type { IssuerTables } from '../db/tables.ts'
import { closeProposal } from './proposal.store.ts'
import { lockProposalsAbout } from './void-proposal.store.ts'

/**
 * Ends every pending proposal about an object that has become another than officers were asked about; the caller holds the
 * desk (`lockDesk`), so that none is decided meanwhile.
 */
export async function voidProposals(
  tx: Transaction<IssuerTables>,
  ambient: Ambient,
  voided: { object: string; actor: string; reason: string },
): Promise<void> {
  const at = ambient.now()
  for (const { id, kind, hash } of await lockProposalsAbout(tx, voided.object)) {
    await closeProposal(tx, id, { state: 'withdrawn', at })
    await insertAuditEntry(tx, {
      id: ambient.newId(),
      at,
      actor: voided.actor,
      act: `void:${kind}`,
      object: `proposal:${id}`,
      reason: voided.reason,
      detail: { hash, about: voided.object },
    })
  }
}
