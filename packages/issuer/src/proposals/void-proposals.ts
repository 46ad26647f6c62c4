import type { Ambient } from '@arc3088/service'
import type { Transaction } from 'kysely'

import { insertAuditEntry } from '../audit/audit.store.ts'
import type { IssuerTables } from '../db/tables.ts'
import { closeProposal } from './proposal.store.ts'
import { lockProposalsAbout, lockProposalsBy } from './void-proposal.store.ts'

/**
 * Ends every pending proposal about an object that has become another than officers were asked about; the caller holds the
 * desk (`lockDesk`), so that none is decided meanwhile.
 */
export async function voidProposals(
  tx: Transaction<IssuerTables>,
  ambient: Ambient,
  voided: { object: string; actor: string; reason: string },
): Promise<void> {
  await voidEach(tx, ambient, await lockProposalsAbout(tx, voided.object), voided)
}

/**
 * Ends every pending proposal that somebody who has left made or signed, but one: what is decided of it would stand on the
 * word of who may no longer give one.
 */
export async function voidProposalsBy(
  tx: Transaction<IssuerTables>,
  ambient: Ambient,
  left: { operator: string; except: string; actor: string; reason: string },
): Promise<void> {
  const theirs = await lockProposalsBy(tx, left.operator)
  const ended = theirs.filter(({ id }) => id !== left.except)
  await voidEach(tx, ambient, ended, { ...left, object: `operator:${left.operator}` })
}

async function voidEach(
  tx: Transaction<IssuerTables>,
  ambient: Ambient,
  proposals: readonly { id: string; kind: string; hash: string }[],
  voided: { object: string; actor: string; reason: string },
): Promise<void> {
  const at = ambient.now()
  for (const { id, kind, hash } of proposals) {
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
