import { Figures, INDICATORS_TTL_SECONDS, MEDIA_TYPE } from '@arc3088/records'
import { createRoutes, negotiate, problems, PUBLIC, sendCacheable, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { RootDeps } from '../deps.ts'
import { createIndicators } from './read-indicators.ts'

const JSON_MEDIA_TYPE = 'application/json'

const indicatorsRoute = createRoute({
  method: 'get',
  path: '/v1/indicators',
  summary: 'Figures of this root, in JSON or signed (P-06)',
  ...PUBLIC,
  responses: {
    200: {
      description: 'The figures of the moment',
      content: {
        [JSON_MEDIA_TYPE]: {
          schema: z.object({ at: z.iso.datetime(), figures: Figures }).openapi('RootIndicators'),
        },
        [MEDIA_TYPE.indicators]: { schema: z.string() },
      },
    },
    304: { description: 'The figures are as they were' },
    ...problems('request-invalid', 'not-acceptable', 'internal'),
  },
})

/** `GET /v1/indicators`. */
export function indicatorRoutes(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  const read = createIndicators(deps)
  return createRoutes().openapi(indicatorsRoute, async (c) => {
    const mediaType = negotiate(c.req.header('accept'), [JSON_MEDIA_TYPE, MEDIA_TYPE.indicators])
    const { indicators, jws } = await read()
    const { iat, figures } = indicators
    const body =
      mediaType === MEDIA_TYPE.indicators
        ? jws
        : JSON.stringify({ at: new Date(iat * 1000).toISOString(), figures })
    return sendCacheable(c, {
      body,
      mediaType,
      maxAgeSeconds: INDICATORS_TTL_SECONDS,
      vary: 'accept',
    })
  })
}
