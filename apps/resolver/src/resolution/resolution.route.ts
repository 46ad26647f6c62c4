import type { Malformation } from '@arc3088/codec'
import { RegistryError } from '@arc3088/problems'
import { createRoutes, problems, PUBLIC, sendCacheable, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { ResolverDeps } from '../deps.ts'
import { DetailParameter, ResolvedCodeSchema } from '../http/answer-schema.ts'
import { BATCH_CODES_MAX } from '../limits.ts'
import { answerMaxAgeSeconds, renderAnswer } from './render-answer.ts'
import { BatchItem, readBatchLines, resolveBatch } from './resolve-batch.ts'

const NDJSON = 'application/x-ndjson'
const BatchItems = z.array(BatchItem).max(BATCH_CODES_MAX)

const resolveRoute = createRoute({
  method: 'get',
  path: '/v1/resolve/{code}',
  summary: 'The verdict on a code or code prefix, and what it rests on',
  description:
    'Every well-formed code is answered 200 with a verdict, `not-assigned`, `unsupported-version` and `indeterminate` ' +
    'among them: at a resolver the verdict is the answer. A text that is no code is 400 `code-malformed`.',
  ...PUBLIC,
  request: {
    params: z.strictObject({ code: z.string() }),
    query: z.strictObject({ detail: DetailParameter.default('record') }),
  },
  responses: {
    200: { description: 'The verdict', content: { 'application/json': { schema: ResolvedCodeSchema } } },
    ...problems('code-malformed', 'request-invalid', 'internal'),
  },
})

const batchRoute = createRoute({
  method: 'post',
  path: '/v1/resolve',
  summary: `The verdicts on up to ${BATCH_CODES_MAX} codes, in their order`,
  description:
    'NDJSON is answered with NDJSON, an array with an array. A text that is no code has the verdict `malformed` in its place. ' +
    'Evidence is had one code at a time.',
  ...PUBLIC,
  request: {
    query: z.strictObject({ detail: DetailParameter.exclude(['bundle']).default('verdict') }),
    body: {
      content: {
        'application/json': { schema: BatchItems },
        [NDJSON]: { schema: BatchItems.openapi({ description: 'one item a line' }) },
      },
    },
  },
  responses: {
    200: {
      description: 'The verdicts',
      content: {
        'application/json': { schema: z.array(ResolvedCodeSchema) },
        [NDJSON]: { schema: z.string() },
      },
    },
    ...problems('request-invalid', 'media-type-unsupported', 'body-too-large', 'internal'),
  },
})

/** `GET /v1/resolve/{code}` and `POST /v1/resolve`. */
export function resolutionRoutes(deps: ResolverDeps): OpenAPIHono<ServiceEnv> {
  return createRoutes()
    .openapi(resolveRoute, async (c) => {
      const resolution = await deps.client.assess(c.req.valid('param').code)
      if (resolution.malformation !== undefined) throw malformed(resolution.malformation)
      return sendCacheable(c, {
        body: renderAnswer(resolution, c.req.valid('query').detail),
        mediaType: 'application/json',
        maxAgeSeconds: answerMaxAgeSeconds(resolution, deps.ambient.now()),
      }) as never
    })
    .openapi(batchRoute, async (c) => {
      const { detail } = c.req.valid('query')
      switch (c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()) {
        case 'application/json': {
          const answers = await resolveBatch(deps.client, c.req.valid('json'), detail)
          return c.body(`[${answers.join(',')}]`, 200, headersOf('application/json')) as never
        }
        case NDJSON: {
          const items = readBatchLines(await c.req.text())
          const answers = await resolveBatch(deps.client, items, detail)
          return c.body(answers.map((each) => `${each}\n`).join(''), 200, headersOf(NDJSON)) as never
        }
        default:
          throw new RegistryError('media-type-unsupported', `Send application/json or ${NDJSON}`)
      }
    })
}

function headersOf(mediaType: string): Record<string, string> {
  return { 'content-type': mediaType, 'cache-control': 'no-store', 'access-control-allow-origin': '*' }
}

function malformed({ reason, segment, offset, clause }: Malformation): RegistryError {
  const detail = `${segment}: ${reason} at offset ${offset} (GB/Z 185.2 ${clause})`
  return new RegistryError('code-malformed', detail, { extra: { reason, segment, offset, clause } })
}
