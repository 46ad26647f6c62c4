import {
  closeProposal,
  decisionOf,
  insertAuditEntry,
  issuerTables,
  lockClaimants,
  readProposal,
  releaseObjects,
  type Proposal,
} from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { Decision, jcsDigest } from '@arc3088/records'
import type { Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'

/**
 * Why a row of a proposal is none that this desk wrote, or undefined: the database holds something else under it than what
 * its hash is of, or something of which no officer could sign anything.
 */
export async function proposalFault(proposal: Proposal, entityId: string): Promise<string | undefined> {
  const { kind, payload, hash, officerSet, proposedAt, expiresAt } = proposal
  // PostgreSQL knows an instant after all others, which is none here.
  if (![proposedAt, expiresAt].every((each) => Number.isFinite(Number(each)))) return 'it has no dates'
  if (hash !== (await jcsDigest({ kind, payload }))) return 'its hash is of another payload'
  if (officerSet === undefined) return undefined
  const claims = Decision.safeParse(decisionOf(proposal, entityId))
  return claims.success ? undefined : 'no decision of it can be written'
}

/** The proposals that are sound; of the others the log tells, and nobody else does. */
export async function soundProposals(deps: RootDeps, proposals: readonly Proposal[]): Promise<Proposal[]> {
  const sound: Proposal[] = []
  for (const proposal of proposals) {
    const fault = await proposalFault(proposal, deps.node.entityId)
    if (fault === undefined) sound.push(proposal)
    else complain(deps, proposal, fault)
  }
  return sound
}

/** Reads a proposal that is sound. @throws RegistryError `proposal-not-found`, `decision-unproven`. */
export async function demandSoundProposal(deps: RootDeps, id: string): Promise<Proposal> {
  const proposal = await readProposal(issuerTables(deps.node.db), id)
  if (proposal === undefined) throw new RegistryError('proposal-not-found', `There is no proposal ${id}`)
  const fault = await proposalFault(proposal, deps.node.entityId)
  if (fault === undefined) return proposal
  complain(deps, proposal, fault)
  throw new RegistryError('decision-unproven', `Proposal ${id} is not one that this desk wrote`)
}

/**
 * Ends the proposals that claim one of these objects and are none that this desk wrote, and lets go of what one claims that
 * has ended: a row alone keeps nobody from proposing. The caller holds the desk.
 */
export async function endUnsoundClaims(
  deps: RootDeps,
  tx: Transaction<RootTables>,
  objects: readonly string[],
): Promise<void> {
  const { entityId, ambient } = deps.node
  const issuer = issuerTables(tx)
  for (const proposal of await lockClaimants(issuer, objects)) {
    const { id, kind, hash, state } = proposal
    const isPending = state === 'pending'
    const fault = isPending ? await proposalFault(proposal, entityId) : `it is ${state}, and claims something`
    if (fault === undefined) continue
    complain(deps, proposal, fault)
    const at = ambient.now()
    if (isPending) await closeProposal(issuer, id, { state: 'expired', at })
    else await releaseObjects(issuer, id)
    await insertAuditEntry(issuer, {
      id: ambient.newId(),
      at,
      actor: entityId,
      act: `void:${kind}`,
      object: `proposal:${id}`,
      reason: null,
      detail: { hash, fault },
    })
  }
}

function complain({ node }: RootDeps, { id, kind }: Proposal, fault: string): void {
  const about = { 'proposal.id': id, 'proposal.kind': kind, 'proposal.fault': fault }
  node.log.error(about, 'a proposal is not one that this desk wrote')
}
