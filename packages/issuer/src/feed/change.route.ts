import { Change } from '@arc3088/records'
import {
  answerStream,
  createRoutes,
  problems,
  PUBLIC,
  registerSchema,
  sendCacheable,
  type ServiceEnv,
} from '@arc3088/service'
import { RegistryError } from '@arc3088/problems'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import { changeEvents } from './change-events.ts'
import {
  CHANGES_LIMIT_MAX,
  CHANGES_WAIT_SECONDS_MAX,
  FEED_STREAMS_MAX,
  FEED_TAKE_SECONDS_MAX,
  HEARTBEAT_SECONDS,
} from './feed-limits.ts'
import type { Feed } from './feed.ts'

/** Not its literal type: the types of routes take every name that ends in `json` for JSON. */
const NDJSON: string = 'application/x-ndjson'
const EVENT_STREAM = 'text/event-stream'
/** A full page is the same for ever. */
const PAGE_MAX_AGE_SECONDS = 365 * 24 * 3600
const NEXT_HEADER = 'x-next-after'
const LINE = { $ref: '#/components/schemas/Change' }

/** A number of a change, or 0 for the beginning; one spelling each. */
const After = z
  .string()
  .regex(/^(0|[1-9]\d{0,14})$/, 'the seq of a change, or 0')
  .openapi({ description: 'the last change that is known; "0" for none', example: '0' })

const FEED_PROBLEMS = [
  'request-invalid',
  'feed-ahead',
  'feed-gone',
  'service-unavailable',
  'internal',
] as const

const changesRoute = createRoute({
  method: 'get',
  path: '/v1/changes',
  summary: 'The changes of this node after one, in the order of its log: one JSON object a line',
  description: [
    'Every change once, in order: `seq` grows by one from line to line. The last `seq` of an answer stands in',
    '`x-next-after`, which is `after` of the next question. Where there is none yet, `wait` seconds are waited for one;',
    'an empty answer says that there was none. A full page never changes. 410 `feed-gone` says in `snapshot` and `Link`',
    'where the changes are that are too old for the feed; 400 `feed-ahead` that this node never came that far.',
  ].join('\n'),
  ...PUBLIC,
  'x-stream': { response: { media_type: NDJSON, line: LINE } },
  request: {
    query: z.strictObject({
      after: After.optional(),
      limit: z
        .string()
        .regex(/^[1-9]\d{0,3}$/)
        .refine((text) => Number(text) <= CHANGES_LIMIT_MAX, `at most ${CHANGES_LIMIT_MAX}`)
        .optional()
        .openapi({ description: `changes, at most ${CHANGES_LIMIT_MAX}, which it is unless said` }),
      wait: z
        .string()
        .regex(/^(0|[1-9]\d?)$/)
        .refine((text) => Number(text) <= CHANGES_WAIT_SECONDS_MAX, `at most ${CHANGES_WAIT_SECONDS_MAX}`)
        .optional()
        .openapi({ description: `seconds, at most ${CHANGES_WAIT_SECONDS_MAX}; 0 unless said` }),
    }),
  },
  responses: {
    200: {
      description: 'Changes, a line each; empty where there is none',
      headers: {
        [NEXT_HEADER]: { description: '`after` of the next question', schema: { type: 'string' } },
      },
      content: { [NDJSON]: { schema: z.string() } },
    },
    ...problems(...FEED_PROBLEMS),
  },
})

const streamRoute = createRoute({
  method: 'get',
  path: '/v1/changes/stream',
  summary: 'The changes of this node as server-sent events, from one on and as they come',
  description: [
    'The `id` of an event is the `seq` of its change, `data` its line. A reader that comes back with `Last-Event-ID`',
    `(which outweighs \`after\`) misses nothing and gets nothing twice. A comment comes every ${HEARTBEAT_SECONDS}`,
    `seconds. Nothing is kept for a reader that is slow: after ${FEED_TAKE_SECONDS_MAX} seconds without taking it is cut.`,
  ].join('\n'),
  ...PUBLIC,
  'x-stream': { response: { media_type: EVENT_STREAM, data: LINE } },
  request: { query: z.strictObject({ after: After.optional() }) },
  responses: {
    200: { description: 'Events', content: { [EVENT_STREAM]: { schema: z.string() } } },
    ...problems(...FEED_PROBLEMS),
  },
})

/** What may be set differently; tests have less patience. */
export interface ChangeRouteOptions {
  readonly heartbeatSeconds?: number
  readonly takeSecondsMax?: number
  readonly streamsMax?: number
}

/** `GET /v1/changes` and `GET /v1/changes/stream`. */
export function changeRoutes(
  door: () => Feed,
  {
    heartbeatSeconds = HEARTBEAT_SECONDS,
    takeSecondsMax = FEED_TAKE_SECONDS_MAX,
    streamsMax = FEED_STREAMS_MAX,
  }: ChangeRouteOptions = {},
): OpenAPIHono<ServiceEnv> {
  const routes = createRoutes()
  registerSchema(routes, 'Change', Change)
  let streams = 0
  return routes
    .openapi(changesRoute, async (c) => {
      const { after = '0', limit, wait = '0' } = c.req.valid('query')
      const limitChanges = limit === undefined ? CHANGES_LIMIT_MAX : Number(limit)
      const { lines, next } = await door().page({
        after: Number(after),
        limit: limitChanges,
        waitSeconds: Number(wait),
        signal: () => c.req.raw.signal,
      })
      const isFull = lines.length === limitChanges
      const response = sendCacheable(c, {
        body: lines.length === 0 ? '' : `${lines.join('\n')}\n`,
        mediaType: NDJSON,
        maxAgeSeconds: isFull ? PAGE_MAX_AGE_SECONDS : 0,
        immutable: isFull,
      })
      response.headers.set(NEXT_HEADER, String(next))
      response.headers.set('access-control-expose-headers', NEXT_HEADER)
      return response
    })
    .openapi(streamRoute, async (c) => {
      const after = readResumePoint(c.req.header('last-event-id'), c.req.valid('query').after)
      const feed = door()
      await feed.demandKept(after)
      if (streams >= streamsMax) {
        throw new RegistryError('service-unavailable', 'Too many streams are open', {
          extra: { retry_after_seconds: 5 },
        })
      }
      return answerStream(c, {
        headers: {
          'content-type': EVENT_STREAM,
          'cache-control': 'no-store',
          'access-control-allow-origin': '*',
          'x-accel-buffering': 'no',
        },
        takeSecondsMax,
        async *chunks(gone) {
          streams++
          try {
            yield* changeEvents(feed, { after, heartbeatSeconds, gone })
          } finally {
            streams--
          }
        },
      })
    })
}

/** A browser that reconnects asks for the same address, with what it saw last in a header. */
function readResumePoint(lastEventId: string | undefined, after: string | undefined): number {
  if (lastEventId === undefined || lastEventId === '') return Number(after ?? '0')
  const parsed = After.safeParse(lastEventId)
  if (!parsed.success) throw new RegistryError('request-invalid', 'Last-Event-ID: the seq of a change, or 0')
  return Number(parsed.data)
}
