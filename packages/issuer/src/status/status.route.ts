import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'
import { MEDIA_TYPE } from '@arc3088/records'
import { RegistryError } from '@arc3088/problems'
import {
  createRoutes,
  problems,
  PUBLIC,
  sendCacheable,
  sendCacheableJson,
  type ServiceEnv,
} from '@arc3088/service'

import type { SignStatusList } from './sign-status-list.ts'

const LIST_NUMBER_MAX = 2 ** 31 - 1

const statusListRoute = createRoute({
  method: 'get',
  path: '/status/{list}',
  summary: 'One status list, signed (W7)',
  ...PUBLIC,
  request: { params: z.strictObject({ list: z.coerce.number().int().min(0).max(LIST_NUMBER_MAX) }) },
  responses: {
    200: {
      description: 'The token',
      content: { [MEDIA_TYPE.statusListToken]: { schema: z.string() } },
    },
    ...problems('request-invalid', 'route-not-found', 'awaiting-assignment', 'internal'),
  },
})

const aggregationRoute = createRoute({
  method: 'get',
  path: '/status',
  summary: 'The addresses of all status lists',
  ...PUBLIC,
  responses: {
    200: {
      description: 'Token Status List section 9.3',
      content: {
        'application/json': {
          schema: z.object({ status_lists: z.array(z.url()) }).openapi('StatusListAggregation'),
        },
      },
    },
    ...problems('awaiting-assignment', 'internal'),
  },
})

/** What the routes ask of the node. */
export interface StatusDoor {
  readonly signStatusList: SignStatusList
  readonly ttlSeconds: number
  readonly listUris: () => Promise<string[]>
}

/** `GET /status` and `GET /status/{n}`. */
export function statusRoutes(door: () => StatusDoor): OpenAPIHono<ServiceEnv> {
  return createRoutes()
    .openapi(statusListRoute, async (c) => {
      const { list } = c.req.valid('param')
      const { signStatusList, ttlSeconds } = door()
      const token = await signStatusList(list)
      if (token === undefined) throw new RegistryError('route-not-found', `There is no status list ${list}`)
      return sendCacheable(c, {
        body: token,
        mediaType: MEDIA_TYPE.statusListToken,
        maxAgeSeconds: ttlSeconds,
      })
    })
    .openapi(aggregationRoute, async (c) => {
      const { listUris, ttlSeconds } = door()
      return sendCacheableJson(c, { status_lists: await listUris() }, ttlSeconds)
    })
}
