import {
  issuerTables,
  rejectProposal,
  signProposal,
  withdrawProposal,
  type OfficerWord,
  type Proposal,
} from '@arc3088/issuer'
import type { DecisionSignature } from '@arc3088/records'

import type { RootDeps } from '../deps.ts'

/** Keeps the proposer's own signature, which opens the proposal to the others. */
export async function signOwnProposal(
  deps: RootDeps,
  word: OfficerWord & { signature: DecisionSignature },
): Promise<Proposal> {
  const { node } = deps
  const set = await deps.decisions.currentSet()
  const parts = { ambient: node.ambient, entityId: node.entityId, set }
  return await node.db.transaction().execute((tx) => signProposal(issuerTables(tx), parts, word))
}

/** Rejects a proposal; what it was about can be proposed again. */
export async function rejectAct(deps: RootDeps, word: OfficerWord & { reason: string }): Promise<Proposal> {
  const { db, ambient } = deps.node
  return await db.transaction().execute((tx) => rejectProposal(issuerTables(tx), ambient, word))
}

/** Takes one's own proposal back. */
export async function withdrawAct(deps: RootDeps, word: OfficerWord & { reason: string }): Promise<Proposal> {
  const { db, ambient } = deps.node
  return await db.transaction().execute((tx) => withdrawProposal(issuerTables(tx), ambient, word))
}
