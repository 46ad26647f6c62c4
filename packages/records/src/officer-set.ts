import { z } from 'zod'

import { Base64urlSha256, EntityId, Line, NumericDate } from './claims.ts'
import { KEYS_PER_SET_MAX, PublicJwk } from './jwk.ts'
import { TYP } from './media-type.ts'
import { defineDocument } from './signed-document.ts'
import type { Rejected } from './verification.ts'
import { rejected } from './verification.ts'

/** Fewer than two officers are not dual control. */
const THRESHOLD_MIN = 2
const Threshold = z.int().min(THRESHOLD_MIN).max(KEYS_PER_SET_MAX)

/**
 * Who may decide at a root (W12): keys, not names. Set 1 comes from the ceremony that enrols the first officers; each later
 * set rests on a decision by the set before. Signed with the federation key, for those outside.
 */
export const OfficerSet = z.object({
  iss: EntityId,
  iat: NumericDate,
  seq: z.int().min(1),
  /** Identity (W0) of the set before; null in set 1. */
  prev: Base64urlSha256.nullable(),
  /** How many officers decide (M of N). */
  threshold: Threshold,
  /** Kinds of act that need another number. */
  thresholds: z.record(Line, Threshold).exactOptional(),
  keys: z
    .array(PublicJwk)
    .min(THRESHOLD_MIN + 1)
    .max(KEYS_PER_SET_MAX),
  /** Identity of the decision of the set before; null in set 1. */
  decision: Base64urlSha256.nullable(),
})
export type OfficerSet = z.infer<typeof OfficerSet>

/** The kind of act that makes the next set. */
export const OFFICERS_CHANGE = 'officers:change'

/**
 * How many officers of a set decide about one kind of act. Who decides from now on is decided by as many as anything else
 * takes at most: otherwise fewer would first lower that number, and then do what they may not.
 */
export function thresholdOf(set: OfficerSet, kind: string): number {
  const { threshold, thresholds = {} } = set
  if (kind === OFFICERS_CHANGE) return mostOf(set)
  return (Object.hasOwn(thresholds, kind) ? thresholds[kind] : undefined) ?? threshold
}

function mostOf({ threshold, thresholds = {} }: Pick<OfficerSet, 'threshold' | 'thresholds'>): number {
  return Math.max(threshold, ...Object.values(thresholds))
}

function fault(set: OfficerSet): Rejected | undefined {
  const { seq, prev, decision, keys } = set
  const kids = keys.map(({ kid }) => kid)
  if (new Set(kids).size < kids.length) return rejected('key-repeated', 'a key stands twice in the set')
  if ((seq === 1) !== (prev === null) || (seq === 1) !== (decision === null))
    return rejected('claims-invalid', 'prev and decision are null in set 1 and only there')
  // One officer more than decide: the loss of one must not stop the authority.
  const most = mostOf(set)
  return most < keys.length
    ? undefined
    : rejected('claims-invalid', `a threshold of ${most} needs ${most + 1} officers or more`)
}

const document = defineDocument({ typ: TYP.officerSet, schema: OfficerSet, fault })
export const signOfficerSet = document.sign
export const readOfficerSet = document.read
export const verifyOfficerSet = document.verify
