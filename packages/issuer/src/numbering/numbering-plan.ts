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
  /** Serves requests of this business type only; without one the range serves requests that name none. */
  readonly businessType?: string
  /** True when no more numbers are given from it. What it gave stays. */
  readonly closed?: true
}

/** Every range of a node; those of one level never overlap. None is ever removed or moved. */
export type NumberingPlan = readonly NumberingRange[]

/** True where the plan lets an applicant of this business type choose this number at this level now. */
export function isChoosable(
  plan: NumberingPlan,
  level: Level,
  number: number,
  businessType?: string,
): boolean {
  return plan.some(
    (range) =>
      isChosenAt(range, level, number) && range.closed !== true && range.businessType === businessType,
  )
}

/**
 * True for a number that no lease stands for, as far as this process knows: it belongs to no range, open or closed, from
 * which numbers are leased. Another process may have given it from a range that this one does not know yet.
 */
export function isWithoutLease(plan: NumberingPlan, level: Level, number: number): boolean {
  return !plan.some(
    (range) =>
      range.kind !== 'chosen' && range.level === level && range.first <= number && number <= range.last,
  )
}

/** True where some range of the level serves this business type, be it open or not. */
export function servesBusinessType(plan: NumberingPlan, level: Level, businessType: string): boolean {
  return plan.some((range) => range.level === level && range.businessType === businessType)
}

function isChosenAt(range: NumberingRange, level: Level, number: number): boolean {
  return range.kind === 'chosen' && range.level === level && range.first <= number && number <= range.last
}
