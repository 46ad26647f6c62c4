import { z } from 'zod'

import { EntityId, NumericDate } from './claims.ts'
import { TYP } from './media-type.ts'
import { defineDocument } from './signed-document.ts'
import { rejected } from './verification.ts'

/** How long figures may be cached, in seconds. */
export const INDICATORS_TTL_SECONDS = 60

const Count = z.int().min(0)
/** How many of each kind; what there is none of may be missing. */
const Counts = z.record(z.string(), Count)

/** The figures of a root (policy item 4; requirement P-06). Counts, seconds, and months of UTC. */
export const Figures = z.object({
  providers: z.object({
    total: Count,
    by_state: Counts,
    by_kind: Counts,
    by_country: Counts,
    /** Month by month since the first assignment: how many were assigned in it, and in all at its end. */
    growth: z.array(z.object({ month: z.string().regex(/^\d{4}-\d{2}$/), assigned: Count, total: Count })),
  }),
  /** Codes that this node assigned, by level and by status. */
  codes: z.array(z.object({ level: z.string(), status: z.string(), count: Count })),
  agreements: z.object({ total: Count, by_state: Counts }),
  applications: z.object({
    /** These are counted from rows of the node's own database, which nobody signed: no verdict rests on them. */
    unproven: z.literal(true).exactOptional(),
    total: Count,
    by_state: Counts,
    /** How long each step took where it is over. */
    steps: z.array(
      z.object({
        step: z.string(),
        count: Count,
        median_seconds: z.int().min(0),
        p90_seconds: z.int().min(0),
      }),
    ),
  }),
  advisories: z.object({ total: Count, by_state: Counts }),
  certifiers: z.object({ total: Count, by_state: Counts }),
})
export type Figures = z.infer<typeof Figures>

/** Signed figures of a root, of the moment. */
export const Indicators = z.object({ iss: EntityId, iat: NumericDate, exp: NumericDate, figures: Figures })
export type Indicators = z.infer<typeof Indicators>

const document = defineDocument({
  typ: TYP.indicators,
  schema: Indicators,
  fault: ({ iat, exp }) => (exp > iat ? undefined : rejected('claims-invalid', 'exp is not after iat')),
})
export const signIndicators = document.sign
export const readIndicators = document.read
export const verifyIndicators = document.verify
