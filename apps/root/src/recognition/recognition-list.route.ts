import { MEDIA_TYPE, RECOGNITION_LIST_TTL_SECONDS, type CompactJws } from '@arc3088/records'
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

/** `GET /v1/recognition-list`. Whoever asks while a list is being made waits for that one. */
export function recognitionListRoutes(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  let underWay: Promise<CompactJws> | undefined
  const issue = async (): Promise<CompactJws> => {
    underWay ??= issueRecognitionList(deps).finally(() => {
      underWay = undefined
    })
    return await underWay
  }
  return createRoutes().openapi(listRoute, async (c) =>
    sendCacheable(c, {
      body: await issue(),
      mediaType: MEDIA_TYPE.recognitionList,
      maxAgeSeconds: RECOGNITION_LIST_TTL_SECONDS,
    }),
  )
}
