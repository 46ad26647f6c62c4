import { MEDIA_TYPE } from '@arc3088/records'
import { createRoutes, problems, PUBLIC, sendCacheable, type ServiceEnv } from '@arc3088/service'
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
          schema: z.array(z.looseObject({ payload: z.string() })).openapi('RootKeySets'),
        },
      },
    },
    ...problems('internal'),
  },
})

/** `GET /.well-known/agent-code-root-keys`. */
export function rootKeySetRoutes(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  const body = JSON.stringify(deps.rootKeySets)
  return createRoutes().openapi(keySetsRoute, (c) => {
    return sendCacheable(c, {
      body,
      mediaType: MEDIA_TYPE.rootKeySet,
      maxAgeSeconds: KEY_SETS_MAX_AGE_SECONDS,
    }) as never
  })
}
