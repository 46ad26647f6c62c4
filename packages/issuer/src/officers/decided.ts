import type { GeneralJws } from '@arc3088/records'

/** A proposal that enough officers decided, with what proves it (wire-format W12). */
export interface Decided {
  readonly proposalId: string
  readonly kind: string
  readonly payload: Readonly<Record<string, unknown>>
  /** base64url SHA-256 of the payload of the decision: its identity in records and log. */
  readonly hash: string
  readonly decision: GeneralJws
  /** The last officer whose approval it needed; never the proposer. */
  readonly approver: string
  readonly decidedAt: Date
}

/** A decision that was verified: its signatures, its officers, its threshold, and that it is about this very payload. */
export interface VerifiedDecision {
  readonly proposalId: string
  readonly kind: string
  readonly payload: Readonly<Record<string, unknown>>
  readonly hash: string
  readonly decidedAt: Date
}
