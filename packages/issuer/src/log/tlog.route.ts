import { z, type OpenAPIHono } from '@hono/zod-openapi'
import { RegistryError } from '@arc3088/problems'
import { createRoutes, problems, PUBLIC, sendCacheable, type ServiceEnv } from '@arc3088/service'
import { parseTilePath, TILE_WIDTH, type TileAddress } from '@arc3088/tlog'

import type { LogHead } from './log-head.ts'
import type { NodeLog } from './node-log.ts'

/** A checkpoint may be a second behind (W8). */
const CHECKPOINT_MAX_AGE_SECONDS = 1
/** A full tile is the same for ever. */
const TILE_MAX_AGE_SECONDS = 365 * 24 * 3600
/** So is a partial one, but it is superseded and not worth keeping. */
const PARTIAL_MAX_AGE_SECONDS = 600

const CHECKPOINT_MEDIA_TYPE = 'text/plain; charset=utf-8'
const TILE_MEDIA_TYPE = 'application/octet-stream'
const TILE_ROUTE = '/tlog/tile/:level/:index{.+}'

const checkpointDocument = {
  method: 'get',
  path: '/tlog/checkpoint',
  summary:
    'The newest checkpoint of the log, with its cosignatures where it needs some (C2SP tlog-checkpoint)',
  ...PUBLIC,
  responses: {
    200: { description: 'A signed note', content: { [CHECKPOINT_MEDIA_TYPE]: { schema: z.string() } } },
    304: { description: 'It is as the caller has it (If-None-Match)' },
    ...problems('route-not-found', 'internal'),
  },
} as const

const tileDocument = {
  method: 'get',
  path: '/tlog/tile/{level}/{index}',
  summary: 'A tile of hashes, or a bundle of entries (C2SP tlog-tiles)',
  description:
    'The index may have several segments: x001/x234/067. A partial tile has its width behind it: 067.p/8.',
  ...PUBLIC,
  request: { params: z.strictObject({ level: z.string(), index: z.string() }) },
  responses: {
    200: {
      description: 'The tile',
      content: { [TILE_MEDIA_TYPE]: { schema: z.string().openapi({ format: 'binary' }) } },
    },
    ...problems('route-not-found', 'internal'),
  },
} as const

/** What the routes ask of the node. */
export interface TlogDoor {
  /** Where it demands no cosignatures, the newest checkpoint is shown without. */
  readonly log: Pick<NodeLog, 'head' | 'tile' | 'demanded'>
}

/** `GET /tlog/checkpoint` and `GET /tlog/tile/…`: the log as tlog-tiles has it, for anybody and any cache. */
export function tlogRoutes(door: () => TlogDoor): OpenAPIHono<ServiceEnv> {
  const routes = createRoutes()
  // Registered by hand: a path of several segments is no parameter that OpenAPI knows, and both answer bytes.
  routes.openAPIRegistry.registerPath(checkpointDocument)
  routes.openAPIRegistry.registerPath(tileDocument)
  routes.get('/tlog/checkpoint', async (c) => {
    const { log } = door()
    const note = shownNote(await log.head(), await log.demanded())
    if (note === undefined) {
      throw new RegistryError('route-not-found', 'No checkpoint of the log is witnessed yet')
    }
    return sendCacheable(c, {
      body: note,
      mediaType: CHECKPOINT_MEDIA_TYPE,
      maxAgeSeconds: CHECKPOINT_MAX_AGE_SECONDS,
    })
  })
  routes.get(TILE_ROUTE, async (c) => {
    const address = parseTilePath(c.req.path.slice(c.req.path.lastIndexOf('/tlog/tile/') + '/tlog/'.length))
    const data = address === undefined ? undefined : await door().log.tile(address)
    if (address === undefined || data === undefined) {
      throw new RegistryError('route-not-found', 'The log has no such tile')
    }
    return sendTile(address, data)
  })
  return routes
}

/** Of an empty log there is nothing to witness. */
function shownNote(head: LogHead, quorum: number): string | undefined {
  return quorum === 0 || head.size === 0 ? head.note : head.witnessed?.note
}

/** Its path says what it is, so that it needs no ETag; whoever holds one holds it for good. */
function sendTile({ width }: TileAddress, data: Uint8Array): Response {
  const cacheControl =
    width === TILE_WIDTH
      ? `public, max-age=${TILE_MAX_AGE_SECONDS}, immutable`
      : `public, max-age=${PARTIAL_MAX_AGE_SECONDS}`
  return new Response(new Uint8Array(data), {
    headers: {
      'content-type': TILE_MEDIA_TYPE,
      'cache-control': cacheControl,
      'access-control-allow-origin': '*',
    },
  })
}
