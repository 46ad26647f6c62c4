import { createRoutes, PUBLIC, sendCacheableJson, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { ResolverDeps } from '../deps.ts'
import { BATCH_RATE, RESOLVER_LIMITS } from '../limits.ts'

const LIMITS_MAX_AGE_SECONDS = 300

const limitsRoute = createRoute({
  method: 'get',
  path: '/v1/limits',
  summary: 'The limits in force, from the constants that enforce them',
  ...PUBLIC,
  responses: {
    200: {
      description: 'Limits',
      content: {
        'application/json': {
          schema: z
            .object({
              body_bytes: z.number().int(),
              batch_codes: z.number().int(),
              diagnosed_characters: z.number().int(),
              rates: z.array(
                z.object({ name: z.string(), requests: z.number().int(), per_seconds: z.number().int() }),
              ),
            })
            .openapi('Limits'),
        },
      },
    },
  },
})

/** `GET /v1/limits`. */
export function limitRoutes(deps: Pick<ResolverDeps, 'clients'>): OpenAPIHono<ServiceEnv> {
  return createRoutes().openapi(limitsRoute, (c) => {
    const reads = deps.clients?.reads
    const rates = [BATCH_RATE, ...(reads === undefined ? [] : [reads])].map(
      ({ name, requests, perSeconds }) => ({ name, requests, per_seconds: perSeconds }),
    )
    return sendCacheableJson(c, { ...RESOLVER_LIMITS, rates }, LIMITS_MAX_AGE_SECONDS)
  })
}
