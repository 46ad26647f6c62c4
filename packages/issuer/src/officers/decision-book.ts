import type { VerifiedDecision } from './decided.ts'

/**
 * What the officers of this node decided, as far as it can be proved: the one thing that a signature of the node may
 * follow from. Rows that no decision bears out are as if they were not there.
 */
export interface DecisionBook {
  /** Every verified decision of these kinds, in the order in which they were carried out. */
  verified(kinds: readonly string[]): Promise<readonly VerifiedDecision[]>
  /** One decision; throws `decision-unproven` where it is missing or does not verify. */
  demand(proposalId: string, kind: string): Promise<VerifiedDecision>
}
