import { decisionOf, issuerTables, readProposal, type Proposal } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { Decision, jcsDigest } from '@arc3088/records'

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

function complain({ node }: RootDeps, { id, kind }: Proposal, fault: string): void {
  const about = { 'proposal.id': id, 'proposal.kind': kind, 'proposal.fault': fault }
  node.log.error(about, 'a proposal is not one that this desk wrote')
}
