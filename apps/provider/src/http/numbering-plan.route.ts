import { formatSegment, WIDTH_MAX } from '@arc3088/codec'
import { createRoutes, PUBLIC, problems, sendCacheableJson, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { ProviderDeps } from '../deps.ts'

const PLAN_MAX_AGE_SECONDS = 300

const NumberingPlan = z
  .object({
    custom_serial: z.object({
      segments: z.array(z.enum(['ontology', 'instance'])),
      symbols_max: z.number().int(),
    }),
    ranges: z.array(
      z.object({
        level: z.enum(['provider', 'requester', 'ontology', 'instance']),
        name: z.string(),
        kind: z.enum(['sequential', 'scrambled', 'chosen']),
        first: z.string(),
        last: z.string(),
      }),
    ),
  })
  .openapi('NumberingPlan')

const planRoute = createRoute({
  method: 'get',
  path: '/v1/numbering-plan',
  summary: 'How this provider numbers its requesters, ontologies and instances (GB/Z 185.2 5.6 a, 6 e)',
  ...PUBLIC,
  responses: {
    200: { description: 'The plan', content: { 'application/json': { schema: NumberingPlan } } },
    ...problems('internal'),
  },
})

/** `GET /v1/numbering-plan`. */
export function numberingPlanRoutes(deps: ProviderDeps): OpenAPIHono<ServiceEnv> {
  return createRoutes().openapi(planRoute, (c) => {
    const plan: z.infer<typeof NumberingPlan> = {
      custom_serial: { segments: ['ontology', 'instance'], symbols_max: WIDTH_MAX.instance },
      ranges: deps.node.plan.map(({ level, name, kind, first, last }) => ({
        level,
        name,
        kind,
        first: formatSegment(first),
        last: formatSegment(last),
      })),
    }
    return sendCacheableJson(c, plan, PLAN_MAX_AGE_SECONDS)
  })
}
