import type { ProblemCode } from '@arc3088/problems'

/** What an officer may say of a proposal. */
export type Vote = 'approve' | 'reject'

/** Something that will happen once another officer agrees. `hash` binds the vote to exactly this. */
export interface Proposal {
  readonly id: string
  readonly kind: string
  readonly payload: Readonly<Record<string, unknown>>
  /** `sha-256:` of the JCS form of {kind, payload}. */
  readonly hash: string
  readonly proposer: string
  readonly proposedAt: Date
  readonly expiresAt: Date
  readonly state: 'pending' | 'approved' | 'rejected' | 'expired'
}

/** The decision over one vote. */
export type VoteJudgement =
  | { readonly kind: 'counts' }
  | { readonly kind: 'refuse'; readonly because: ProblemCode; readonly detail: string }

/**
 * Decides whether a vote counts. The order matters to the officer who reads the refusal: what has been decided
 * comes before what has expired, and who may not vote comes before what changed.
 */
export function judgeVote(
  proposal: Proposal,
  vote: { officer: string; hash: string; at: Date },
): VoteJudgement {
  if (proposal.state !== 'pending') {
    return { kind: 'refuse', because: 'proposal-decided', detail: `The proposal was ${proposal.state}` }
  }
  if (proposal.expiresAt <= vote.at) {
    return {
      kind: 'refuse',
      because: 'proposal-expired',
      detail: `The proposal expired at ${proposal.expiresAt.toISOString()}`,
    }
  }
  if (proposal.proposer === vote.officer) {
    return {
      kind: 'refuse',
      because: 'proposer-approves',
      detail: 'Another officer must decide this proposal',
    }
  }
  if (proposal.hash !== vote.hash) {
    return { kind: 'refuse', because: 'proposal-changed', detail: `The proposal's hash is ${proposal.hash}` }
  }
  return { kind: 'counts' }
}
