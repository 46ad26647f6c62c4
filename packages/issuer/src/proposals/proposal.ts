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
  readonly state: 'pending' | 'approved' | 'rejected' | 'expired' | 'withdrawn'
  /** Identity of the officer set that was in force when it was proposed; no other can decide it. */
  readonly officerSet?: string
  /** What carrying it out led to. */
  readonly outcome?: object
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
  return judgeHash(proposal, vote.hash)
}

/** Decides whether the proposer may sign or withdraw what was proposed. */
export function judgeOwn(
  proposal: Proposal,
  own: { officer: string; hash: string; at: Date },
): VoteJudgement {
  const asOther = judgeVote(proposal, { ...own, officer: '' })
  if (asOther.kind === 'refuse') return asOther
  return proposal.proposer === own.officer
    ? asOther
    : { kind: 'refuse', because: 'not-the-proposer', detail: 'Another officer made this proposal' }
}

function judgeHash(proposal: Proposal, hash: string): VoteJudgement {
  return proposal.hash === hash
    ? { kind: 'counts' }
    : { kind: 'refuse', because: 'proposal-changed', detail: `The proposal's hash is ${proposal.hash}` }
}
