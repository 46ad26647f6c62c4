import { createRoutes, PUBLIC, sendCacheableJson, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import { RESOLVER_LIMITS } from '../limits.ts'

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
            })
            .openapi('Limits'),
        },
      },
    },
  },
})

/** `GET /v1/limits`. */
export function limitRoutes(): OpenAPIHono<ServiceEnv> {
  return createRoutes().openapi(limitsRoute, (c) =>
    sendCacheableJson(c, { ...RESOLVER_LIMITS }, LIMITS_MAX_AGE_SECONDS),
  )
}
