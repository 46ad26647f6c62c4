import { PublicJwk, type OfficerSet } from '@arc3088/records'
import { z } from 'zod'

const OFFICERS_MIN = 3
const OFFICERS_MAX = 32
const Threshold = z.int().min(2).max(OFFICERS_MAX)
const Kind = z.string().min(1).max(100)

/** Whom the next set shall name, and how many of them decide. */
export const ChangeOfficersAsk = z.strictObject({
  officers: z
    .array(
      z.strictObject({
        operator: z.uuid(),
        /** A new key of theirs; where it is not given, the one of the set in force, or else their newest. */
        jwk: PublicJwk.optional(),
      }),
    )
    .min(OFFICERS_MIN)
    .max(OFFICERS_MAX),
  threshold: Threshold,
  /** Kinds of act that take another number. */
  thresholds: z.record(Kind, Threshold).optional(),
})
export type ChangeOfficersAsk = z.infer<typeof ChangeOfficersAsk>

/** Exactly the next set, and whose its keys are. */
export const ChangeOfficers = z.strictObject({
  keys: z.array(PublicJwk).min(OFFICERS_MIN).max(OFFICERS_MAX),
  threshold: Threshold,
  thresholds: z.record(Kind, Threshold).optional(),
  /** kid → operator. */
  holders: z.record(z.string(), z.uuid()),
})
export type ChangeOfficers = z.infer<typeof ChangeOfficers>

/** What is wrong with a next set by itself: undefined where nothing is. */
export function faultOfSet(
  next: ChangeOfficers,
  kinds: readonly string[],
): { because: 'request-invalid' | 'officers-too-few'; detail: string } | undefined {
  const { keys, holders, thresholds = {} } = next
  const unknown = Object.keys(thresholds).find((kind) => !kinds.includes(kind))
  if (unknown !== undefined)
    return { because: 'request-invalid', detail: `thresholds: ${unknown} is no kind of act` }
  const kids = keys.map(({ kid }) => kid)
  const operators = kids.map((kid) => holders[kid])
  const isWhole =
    Object.keys(holders).length === kids.length && operators.every((operator) => operator !== undefined)
  if (!isWhole || new Set(kids).size !== kids.length || new Set(operators).size !== kids.length)
    return { because: 'request-invalid', detail: 'Each officer stands once in a set, with one key' }
  const needed = mostNeeded(thresholdsOf(next)) + 1
  return kids.length < needed
    ? { because: 'officers-too-few', detail: `${kids.length} officers, and ${needed} must be` }
    : undefined
}

/** How many decide, as a set says it: no member that is empty. */
export function thresholdsOf({
  threshold,
  thresholds = {},
}: ChangeOfficers): Pick<OfficerSet, 'threshold' | 'thresholds'> {
  return Object.keys(thresholds).length === 0 ? { threshold } : { threshold, thresholds }
}

/** The most officers that any kind of act takes. */
export function mostNeeded({ threshold, thresholds }: Pick<OfficerSet, 'threshold' | 'thresholds'>): number {
  return Math.max(threshold, ...Object.values(thresholds ?? {}))
}
