import { MEDIA_TYPE, RECOGNITION_LIST_TTL_SECONDS } from '@arc3088/records'
import { createRoutes, problems, PUBLIC, sendCacheable, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { RootDeps } from '../deps.ts'
import { issueRecognitionList } from './recognition-lists.ts'

const listRoute = createRoute({
  method: 'get',
  path: '/v1/recognition-list',
  summary: 'Whom this root recognises, and did (W10)',
  ...PUBLIC,
  responses: {
    200: {
      description: 'The signed list; a change is in the next one, and a list is kept for a minute',
      content: { [MEDIA_TYPE.recognitionList]: { schema: z.string() } },
    },
    ...problems('node-read-only', 'key-unavailable', 'decision-unproven', 'internal'),
  },
})

/** `GET /v1/recognition-list`. */
export function recognitionListRoutes(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  return createRoutes().openapi(listRoute, async (c) =>
    sendCacheable(c, {
      body: await issueRecognitionList(deps),
      mediaType: MEDIA_TYPE.recognitionList,
      maxAgeSeconds: RECOGNITION_LIST_TTL_SECONDS,
    }),
  )
}
