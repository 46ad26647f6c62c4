import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import { sendCacheableJson } from './cacheable.ts'
import { PUBLIC } from './guard.ts'
import type { RateLimit } from './rate-limit.ts'
import { createRoutes } from './service-app.ts'
import type { ServiceEnv } from './service-env.ts'

/** The figures in force at a service: the very ones that it enforces. */
export interface ServiceLimits {
  readonly bodyBytes: number
  readonly pageItems: number
  readonly rates: readonly RateLimit[]
  /** Of a stream of lines in and out, where a service takes one. */
  readonly bulk?: { readonly lineBytes: number; readonly lines: number; readonly streams: number }
}

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
              page_items: z.number().int(),
              rates: z.array(
                z.object({ name: z.string(), requests: z.number().int(), per_seconds: z.number().int() }),
              ),
              bulk: z
                .object({ line_bytes: z.number().int(), lines: z.number().int(), streams: z.number().int() })
                .optional()
                .openapi({ description: 'one NDJSON stream; `streams` at a time a requester' }),
            })
            .openapi('Limits'),
        },
      },
    },
  },
})

/** `GET /v1/limits`. */
export function limitRoutes(readLimits: () => ServiceLimits): OpenAPIHono<ServiceEnv> {
  return createRoutes().openapi(limitsRoute, (c) => {
    const { bodyBytes, pageItems, rates, bulk } = readLimits()
    const body = {
      body_bytes: bodyBytes,
      page_items: pageItems,
      rates: rates.map(({ name, requests, perSeconds }) => ({ name, requests, per_seconds: perSeconds })),
      ...(bulk === undefined
        ? {}
        : { bulk: { line_bytes: bulk.lineBytes, lines: bulk.lines, streams: bulk.streams } }),
    }
    return sendCacheableJson(c, body, LIMITS_MAX_AGE_SECONDS)
  })
}
