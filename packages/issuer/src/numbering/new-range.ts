import { formatSegment, MAX } from '@arc3088/codec'
import type { ProblemCode } from '@arc3088/problems'

import type { NumberingPlan, NumberingRange } from './numbering-plan.ts'

/** Whether a range may join a plan. */
export type NewRangeVerdict =
  | { readonly kind: 'add' }
  | {
      readonly kind: 'refuse'
      readonly because: ProblemCode
      readonly detail: string
      readonly extra: { readonly clause: string; readonly overlaps?: string }
    }

/** Ranges of one node; the plan is published whole. */
export const RANGES_MAX = 1000

/**
 * Decides whether a range may join a plan (GB/Z 185.2 5.6 a, 6 e): its own numbers in order, under a name of its own,
 * apart from every other range of its level, be that open or closed.
 */
export function judgeNewRange(plan: NumberingPlan, range: NumberingRange): NewRangeVerdict {
  const refuse = (because: ProblemCode, detail: string, overlaps?: string): NewRangeVerdict => ({
    kind: 'refuse',
    because,
    detail,
    extra: { clause: '5.6 a', ...(overlaps === undefined ? {} : { overlaps }) },
  })
  const span = `${formatSegment(range.first)} to ${formatSegment(range.last)}`
  if (range.first < 1)
    return refuse('request-invalid', 'A range begins at 1 or later: 0 is no number of a thing')
  if (range.first > range.last)
    return refuse('request-invalid', `${span} is no range: its first number comes first`)
  if (range.last > MAX[range.level])
    return refuse('request-invalid', `${span} leaves the numbers of level ${range.level}`)
  if (plan.length >= RANGES_MAX) return refuse('request-invalid', `A plan has at most ${RANGES_MAX} ranges`)
  const peers = plan.filter(({ level }) => level === range.level)
  if (peers.some(({ name }) => name === range.name)) {
    return refuse(
      'range-taken',
      `There is a range ${range.name} at level ${range.level}; names are never reused`,
    )
  }
  const overlapped = peers.find(({ first, last }) => first <= range.last && range.first <= last)
  return overlapped === undefined
    ? { kind: 'add' }
    : refuse('range-overlaps', `${span} overlaps the range ${overlapped.name}`, overlapped.name)
}
