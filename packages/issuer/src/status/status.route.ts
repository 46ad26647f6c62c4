import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'
import { MEDIA_TYPE } from '@arc3088/records'
import { RegistryError } from '@arc3088/problems'
import {
  cacheableHeaders,
  createRoutes,
  matchesEtag,
  problems,
  PUBLIC,
  sendCacheable,
  sendCacheableJson,
  type ServiceEnv,
} from '@arc3088/service'

import { acceptsGzip, createGzipMemory, type GzipMemory } from './gzip-memory.ts'
import type { SignStatusList } from './status-lists.ts'

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

/**
 * `GET /status` and `GET /status/{n}`. The addresses of all lists are one document, as section 9.3 has it: a node of a
 * thousand million codes has 7,630 lists, which are some 350 kB, and a reader asks again when one more is opened.
 */
export function statusRoutes(door: () => StatusDoor): OpenAPIHono<ServiceEnv> {
  const compress = createGzipMemory()
  return createRoutes()
    .openapi(statusListRoute, async (c) => {
      const { list } = c.req.valid('param')
      const { signStatusList, ttlSeconds } = door()
      const token = await signStatusList(list)
      if (token === undefined) throw new RegistryError('route-not-found', `There is no status list ${list}`)
      return await sendToken(c, { list, token, ttlSeconds }, compress)
    })
    .openapi(aggregationRoute, async (c) => {
      const { listUris, ttlSeconds } = door()
      return sendCacheableJson(c, { status_lists: await listUris() }, ttlSeconds)
    })
}

type Context = Parameters<typeof sendCacheable>[0]

/** Sends a token, compressed where the caller takes it, under an ETag of its own: its bytes are others (RFC 9110 8.8.3). */
async function sendToken(
  c: Context,
  { list, token, ttlSeconds }: { list: number; token: string; ttlSeconds: number },
  compress: GzipMemory,
): Promise<Response> {
  const mediaType = MEDIA_TYPE.statusListToken
  const document = { body: token, mediaType, maxAgeSeconds: ttlSeconds, vary: 'accept-encoding' }
  if (!acceptsGzip(c.req.header('accept-encoding'))) return sendCacheable(c, document)
  const plain = cacheableHeaders(document)
  const headers = { ...plain, etag: `${plain.etag.slice(0, -1)}-gzip"` }
  if (matchesEtag(c.req.header('if-none-match'), headers.etag)) {
    return new Response(null, { status: 304, headers })
  }
  const body = await compress(list, token)
  return new Response(body, {
    headers: { ...headers, 'content-type': mediaType, 'content-encoding': 'gzip' },
  })
}
