import type { Malformation } from '@arc3088/codec'
import { RegistryError } from '@arc3088/problems'
import {
  AskedInstant,
  createRoutes,
  limitClients,
  problems,
  PUBLIC,
  sendCacheable,
  type ServiceEnv,
} from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { ResolverDeps } from '../deps.ts'
import { DetailParameter, ResolvedCodeSchema } from '../http/answer-schema.ts'

import { BATCH_CODES_MAX, BATCH_RATE } from '../limits.ts'
import { BATCH_SCHEMA, readBatch, readBatchMediaType } from './batch-body.ts'
import { PolicyParameter } from '../http/policy.ts'
import { answerCode, answerMaxAgeSeconds, askedOf } from './render-answer.ts'
import { resolveBatch } from './resolve-batch.ts'

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
    query: z.strictObject({
      detail: DetailParameter.default('record'),
      at: AskedInstant.optional(),
      policy: PolicyParameter.optional(),
    }),
  },
  responses: {
    200: { description: 'The verdict', content: { 'application/json': { schema: ResolvedCodeSchema } } },
    ...problems('code-malformed', 'request-invalid', 'internal'),
  },
})

const batchRoute = createRoute({
  method: 'post',
  path: '/v1/resolve',
  middleware: limitClients(BATCH_RATE),
  summary: `The verdicts on up to ${BATCH_CODES_MAX} codes, in their order`,
  description:
    'NDJSON is answered with NDJSON, an array with an array. A text that is no code has the verdict `malformed` in its place. ' +
    'Evidence is had one code at a time. Each code counts as a read of whoever asks.',
  'x-stream': {
    request: { media_type: 'application/x-ndjson', line: BATCH_SCHEMA.items },
    response: { media_type: 'application/x-ndjson', line: { $ref: '#/components/schemas/ResolvedCode' } },
  },
  ...PUBLIC,
  request: {
    query: z.strictObject({
      detail: DetailParameter.exclude(['bundle']).default('verdict'),
      policy: PolicyParameter.optional(),
    }),
  },
  // Not in `request`: its validator for JSON would be run over NDJSON too.
  requestBody: {
    required: true,
    content: {
      'application/json': { schema: BATCH_SCHEMA },
      'application/x-ndjson': { schema: BATCH_SCHEMA },
    },
  },
  responses: {
    200: {
      description: 'The verdicts',
      content: {
        'application/json': { schema: z.array(ResolvedCodeSchema) },
        'application/x-ndjson': { schema: z.string() },
      },
    },
    ...problems('request-invalid', 'media-type-unsupported', 'body-too-large', 'rate-limited', 'internal'),
  },
})

/** `GET /v1/resolve/{code}` and `POST /v1/resolve`. */
export function resolutionRoutes(deps: ResolverDeps): OpenAPIHono<ServiceEnv> {
  return createRoutes()
    .openapi(resolveRoute, async (c) => {
      const { code } = c.req.valid('param')
      const { resolution, body, etag } = await answerCode(deps.client, code, c.req.valid('query'))
      if (resolution.malformation !== undefined) throw malformed(resolution.malformation)
      return sendCacheable(c, {
        body,
        etag,
        mediaType: 'application/json',
        maxAgeSeconds: answerMaxAgeSeconds(resolution, deps.ambient.now()),
      }) as never
    })
    .openapi(batchRoute, async (c) => {
      const mediaType = readBatchMediaType(c.req.header('content-type'))
      const codes = readBatch(mediaType, await c.req.text())
      c.get('spendReads')?.(codes.length)
      const { detail, policy } = c.req.valid('query')
      const answers = await resolveBatch(deps.client, codes, { detail, asked: askedOf({ policy }) })
      const body =
        mediaType === 'application/json'
          ? `[${answers.join(',')}]`
          : answers.map((answer) => `${answer}\n`).join('')
      return c.body(body, 200, {
        'content-type': mediaType,
        'cache-control': 'no-store',
        'access-control-allow-origin': '*',
      }) as never
    })
}

function malformed({ reason, segment, offset, clause }: Malformation): RegistryError {
  const detail = `${segment}: ${reason} at offset ${offset} (GB/Z 185.2 ${clause})`
  return new RegistryError('code-malformed', detail, { extra: { reason, segment, offset, clause } })
}
