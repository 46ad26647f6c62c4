import type { Level } from '@arc3088/codec'
import { RegistryError } from '@arc3088/problems'

import { servesBusinessType, type NumberingPlan } from './numbering-plan.ts'
import type { Wanted } from './supply.ts'

/**
 * Answers `range-unknown` with the clause where nobody planned numbers for a business type at a level (GB/Z 185.2
 * 5.6 a). That its ranges are closed or used up is another answer: `numbering-exhausted`.
 */
export function businessTypeRefusal(
  plan: NumberingPlan,
  level: Level,
  businessType: string | undefined,
): RegistryError | undefined {
  if (businessType === undefined || servesBusinessType(plan, level, businessType)) return undefined
  const detail = `The numbering plan has no range for business type ${businessType} at level ${level}`
  return new RegistryError('range-unknown', detail, {
    extra: { clause: '5.6 a', business_type: businessType },
  })
}

/** Counts what a batch draws: an automatic number for each request that wishes none, by its business type. */
export function countNumbers<Request>(
  requests: readonly Request[],
  {
    wishOf,
    businessTypeOf,
  }: {
    wishOf: (request: Request) => number | undefined
    businessTypeOf: (request: Request) => string | undefined
  },
): Pick<Wanted, 'numbers' | 'ofBusinessType'> {
  const ofBusinessType = new Map<string, number>()
  let numbers = 0
  for (const request of requests) {
    if (wishOf(request) !== undefined) continue
    const type = businessTypeOf(request)
    if (type === undefined) numbers++
    else ofBusinessType.set(type, (ofBusinessType.get(type) ?? 0) + 1)
  }
  return { numbers, ofBusinessType }
}
