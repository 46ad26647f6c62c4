import { MEDIA_TYPE, type CompactJws } from '@arc3088/records'
import { createRoutes, problems, PUBLIC, sendCacheable, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

/** A key found compromised shows within this time wherever a history is kept. */
const HISTORY_MAX_AGE_SECONDS = 60

/** Where a node serves its key history, below its entity identifier. */
export const KEY_HISTORY_PATH = '/federation/historical-keys'

const keyHistoryRoute = createRoute({
  method: 'get',
  path: KEY_HISTORY_PATH,
  summary:
    'The keys that this entity used before, and until when each counts (OpenID Federation 1.0 section 8.7)',
  ...PUBLIC,
  responses: {
    200: {
      description: 'The signed key history',
      content: { [MEDIA_TYPE.keyHistory]: { schema: z.string() } },
    },
    ...problems('key-unavailable', 'internal'),
  },
})

/** `GET /federation/historical-keys`. */
export function keyHistoryRoutes(keyHistory: () => Promise<CompactJws>): OpenAPIHono<ServiceEnv> {
  return createRoutes().openapi(keyHistoryRoute, async (c) => {
    return sendCacheable(c, {
      body: await keyHistory(),
      mediaType: MEDIA_TYPE.keyHistory,
      maxAgeSeconds: HISTORY_MAX_AGE_SECONDS,
    })
  })
}
