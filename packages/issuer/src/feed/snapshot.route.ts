import { pipeline, Readable } from 'node:stream'
import { createGzip } from 'node:zlib'

import { encodeBase64url, MEDIA_TYPE } from '@arc3088/records'
import {
  answerStream,
  createRoutes,
  matchesEtag,
  problems,
  PUBLIC,
  sendCacheable,
  type ServiceEnv,
} from '@arc3088/service'
import { RegistryError } from '@arc3088/problems'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import { changeBytes, type FeedLog } from './change-lines.ts'
import { FEED_TAKE_SECONDS_MAX, SEGMENT_DOWNLOADS_MAX } from './feed-limits.ts'
import type { Feed } from './feed.ts'
import type { FeedSegment } from './segment-plan.ts'

const GZIP = 'application/gzip'
/** There is a new delta every so many changes; until then it is the same. */
const NOTIFICATION_MAX_AGE_SECONDS = 30
const SEGMENT_MAX_AGE_SECONDS = 365 * 24 * 3600
const SEGMENT_NAME = /^([1-9]\d{0,14})-([1-9]\d{0,14})\.ndjson\.gz$/
const SEGMENT_NAME_LENGTH_MAX = 64

const notificationRoute = createRoute({
  method: 'get',
  path: '/v1/snapshots',
  summary: 'What the snapshot of this node is made of: segments of its feed with their digests, signed',
  description:
    'The whole sequence without a gap: `snapshot.segments`, then `deltas`, up to `seq`; what comes after is got from /v1/changes.',
  ...PUBLIC,
  responses: {
    200: {
      description: 'The notification, signed with an issuing key',
      content: { [MEDIA_TYPE.snapshotNotification]: { schema: z.string() } },
    },
    ...problems('internal'),
  },
})

const segmentRoute = createRoute({
  method: 'get',
  path: '/v1/snapshots/{segment}',
  summary: 'A segment of the feed: gzip of its very lines, the same for ever',
  description: [
    'Named `{first}-{last}.ndjson.gz`. The digest in the notification is that of the lines, inflated; the gzip around',
    'them may differ from node to node and from day to day.',
  ].join('\n'),
  ...PUBLIC,
  'x-stream': { response: { media_type: GZIP, line: { $ref: '#/components/schemas/Change' } } },
  request: { params: z.strictObject({ segment: z.string().max(SEGMENT_NAME_LENGTH_MAX) }) },
  responses: {
    200: {
      description: 'The segment',
      content: { [GZIP]: { schema: z.string().openapi({ format: 'binary' }) } },
    },
    ...problems('request-invalid', 'route-not-found', 'service-unavailable', 'internal'),
  },
})

/** `GET /v1/snapshots` and `GET /v1/snapshots/{first}-{last}.ndjson.gz`. */
export function snapshotRoutes(door: () => Feed): OpenAPIHono<ServiceEnv> {
  let downloads = 0
  return createRoutes()
    .openapi(notificationRoute, async (c) =>
      sendCacheable(c, {
        body: await door().notification(),
        mediaType: MEDIA_TYPE.snapshotNotification,
        maxAgeSeconds: NOTIFICATION_MAX_AGE_SECONDS,
      }),
    )
    .openapi(segmentRoute, async (c) => {
      const feed = door()
      const segment = await findSegment(feed, c.req.valid('param').segment)
      const etag = `"${encodeBase64url(segment.digest)}"`
      const headers = {
        etag,
        'cache-control': `public, max-age=${SEGMENT_MAX_AGE_SECONDS}, immutable`,
        'access-control-allow-origin': '*',
      }
      if (matchesEtag(c.req.header('if-none-match'), etag))
        return new Response(null, { status: 304, headers })
      if (downloads >= SEGMENT_DOWNLOADS_MAX) {
        throw new RegistryError('service-unavailable', 'Too many segments are being read', {
          extra: { retry_after_seconds: 5 },
        })
      }
      return answerStream(c, {
        headers: { ...headers, 'content-type': GZIP },
        takeSecondsMax: FEED_TAKE_SECONDS_MAX,
        async *chunks() {
          downloads++
          try {
            yield* gzipped(feed.log, segment)
          } finally {
            downloads--
          }
        },
      })
    })
}

async function findSegment({ segments }: Feed, name: string): Promise<FeedSegment> {
  const [, first, last] = SEGMENT_NAME.exec(name) ?? []
  const found =
    first === undefined || last === undefined
      ? undefined
      : await segments.find({ first: Number(first), last: Number(last) })
  if (found === undefined) throw new RegistryError('route-not-found', `There is no segment ${name}`)
  return found
}

/** Compresses as it is read; holds a block of lines and what zlib holds. */
async function* gzipped(log: FeedLog, segment: FeedSegment): AsyncGenerator<Uint8Array> {
  const gzip = createGzip()
  // A failure of either end reaches whoever reads `gzip`.
  pipeline(Readable.from(changeBytes(log, segment), { highWaterMark: 1 }), gzip, () => undefined)
  for await (const piece of gzip) yield piece as Uint8Array
}
