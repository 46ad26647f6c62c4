import { decisionOf, type Proposal } from '@arc3088/issuer'
import { formatDecision, TYP } from '@arc3088/records'
import { z } from '@hono/zod-openapi'

/** A proposal as the desk sees it. */
export const ProposalView = z
  .object({
    id: z.uuid(),
    kind: z.string(),
    payload: z.record(z.string(), z.unknown()),
    hash: z
      .string()
      .openapi({ description: 'sha-256 of the JCS form of {kind, payload}: what a vote is bound to' }),
    proposer: z.uuid(),
    proposed_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
    state: z.enum(['pending', 'approved', 'rejected', 'expired', 'withdrawn']),
    decision: z
      .object({ typ: z.string(), payload: z.string() })
      .nullable()
      .openapi({ description: 'what officers sign: the payload part of the General JWS (wire-format W12)' }),
    outcome: z
      .record(z.string(), z.unknown())
      .nullable()
      .openapi({ description: 'what it led to, once carried out' }),
  })
  .openapi('Proposal')

/** One officer's signature over the decision: the two parts of the General JWS. */
export const SignatureBody = z
  .strictObject({ protected: z.string().min(1).max(1000), signature: z.string().min(1).max(200) })
  .openapi('DecisionSignature')

/** Shows a proposal, with what officers sign of it. */
export function viewOf(proposal: Proposal, entityId: string): z.infer<typeof ProposalView> {
  const payload =
    proposal.officerSet === undefined ? undefined : formatDecision(decisionOf(proposal, entityId))
  return {
    id: proposal.id,
    kind: proposal.kind,
    payload: { ...proposal.payload },
    hash: proposal.hash,
    proposer: proposal.proposer,
    proposed_at: proposal.proposedAt.toISOString(),
    expires_at: proposal.expiresAt.toISOString(),
    state: proposal.state,
    decision: payload === undefined ? null : { typ: TYP.decision, payload },
    outcome: proposal.outcome === undefined ? null : { ...proposal.outcome },
  }
}
