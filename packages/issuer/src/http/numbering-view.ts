import { formatSegment, WIDTH_MAX, type Level } from '@arc3088/codec'
import { z } from '@hono/zod-openapi'

import { forecastRange } from '../numbering/forecast.ts'
import type { NumberingRange } from '../numbering/numbering-plan.ts'
import type { RangeUse } from '../numbering/numbering.store.ts'

/** The levels, as the routes spell them. */
export const LevelName = z.enum(['provider', 'requester', 'ontology', 'instance'])
/** How a range gives its numbers. */
export const RangeKindName = z.enum(['sequential', 'scrambled', 'chosen'])

/** One range as anybody may see it. The secret of a scrambled range is never shown. */
export const RangeView = z
  .object({
    level: LevelName,
    name: z.string(),
    kind: RangeKindName,
    business_type: z.string().nullable().openapi({ description: 'null serves requests that name none' }),
    first: z.string().openapi({ description: 'base 36' }),
    last: z.string().openapi({ description: 'base 36' }),
    is_open: z.boolean(),
    size: z.number().int(),
    leased: z.number().int().nullable().openapi({
      description:
        'numbers given to processes of the node; at most so many were assigned. Null where numbers are chosen',
    }),
  })
  .openapi('NumberingRange')

/** The plan as it is published. */
export const NumberingPlanView = z
  .object({
    custom_serial: z.object({
      segments: z.array(z.enum(['ontology', 'instance'])),
      symbols_max: z.number().int(),
    }),
    ranges: z.array(RangeView),
  })
  .openapi('NumberingPlan')

/** How long the numbers of a range last. */
export const RangeIndicator = z
  .object({
    level: LevelName,
    name: z.string(),
    business_type: z.string().nullable(),
    is_open: z.boolean(),
    size: z.number().int(),
    leased: z.number().int().nullable(),
    left: z.number().int().nullable(),
    leased_per_day: z.number().nullable().openapi({ description: 'over the last seven days' }),
    exhausted_at: z.iso
      .datetime()
      .nullable()
      .openapi({ description: 'at this pace; null where it cannot be foreseen' }),
  })
  .openapi('NumberingIndicator')

/** One range, without its secret. */
export function viewRange(use: RangeUse): z.infer<typeof RangeView> {
  return {
    ...namesOf(use),
    kind: use.kind,
    first: formatSegment(use.first),
    last: formatSegment(use.last),
    size: use.last - use.first + 1,
    leased: use.kind === 'chosen' ? null : use.leased,
  }
}

/** The plan of a node, with how far it is used (GB/Z 185.2 5.6 a, 6 e). */
export function viewPlan(uses: readonly RangeUse[]): z.infer<typeof NumberingPlanView> {
  return {
    custom_serial: { segments: ['ontology', 'instance'], symbols_max: WIDTH_MAX.instance },
    ranges: uses.map(viewRange),
  }
}

/** How long one range lasts. */
export function viewIndicator(use: RangeUse, now: Date): z.infer<typeof RangeIndicator> {
  const { size, leased = null, left = null, leasedPerDay, exhaustedAt } = forecastRange(use, now)
  return {
    ...namesOf(use),
    size,
    leased,
    left,
    leased_per_day: leasedPerDay === undefined ? null : Math.round(leasedPerDay),
    exhausted_at: exhaustedAt?.toISOString() ?? null,
  }
}

function namesOf({ level, name, businessType, closed }: NumberingRange): {
  level: Level
  name: string
  business_type: string | null
  is_open: boolean
} {
  return { level, name, business_type: businessType ?? null, is_open: closed !== true }
}
