import type { Level } from '@arc3088/codec'

/**
 * How the numbers of a range are given out: one after another; in an order that a key decides, so that codes
 * can neither be enumerated nor collide; or as the applicant wishes.
 */
export type RangeKind = 'sequential' | 'scrambled' | 'chosen'

/** A named run of numbers at one level, both ends included (GB/Z 185.2 5.6 a: "by business type or another rule"). */
export interface NumberingRange {
  readonly level: Level
  readonly name: string
  readonly kind: RangeKind
  readonly first: number
  readonly last: number
}

/** Every range of a node; those of one level never overlap. */
export type NumberingPlan = readonly NumberingRange[]

/** True where the plan lets an applicant choose this number at this level. */
export function isChoosable(plan: NumberingPlan, level: Level, number: number): boolean {
  return plan.some(
    (range) =>
      range.kind === 'chosen' && range.level === level && range.first <= number && number <= range.last,
  )
}
