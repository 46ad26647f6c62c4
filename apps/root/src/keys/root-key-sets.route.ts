import { MEDIA_TYPE, RootKeySetJws } from '@arc3088/records'
import { createRoutes, problems, PUBLIC, sendCacheableJson, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { RootDeps } from '../deps.ts'

const KEY_SETS_MAX_AGE_SECONDS = 300

const keySetsRoute = createRoute({
  method: 'get',
  path: '/.well-known/agent-code-root-keys',
  summary: 'Every key set of this root, oldest first: a verifier walks from the one it pinned (W1)',
  ...PUBLIC,
  responses: {
    200: {
      description: 'The signed key sets',
      content: {
        [MEDIA_TYPE.rootKeySet]: {
          schema: z.array(RootKeySetJws).openapi('RootKeySets'),
        },
      },
    },
    ...problems('internal'),
  },
})

/** `GET /.well-known/agent-code-root-keys`. */
export function rootKeySetRoutes(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  return createRoutes().openapi(keySetsRoute, (c) =>
    sendCacheableJson(c, [...deps.rootKeySets], KEY_SETS_MAX_AGE_SECONDS, MEDIA_TYPE.rootKeySet),
  )
}
