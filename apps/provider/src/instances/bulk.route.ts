import { ASSIGNING_PROBLEMS } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import {
  allowLongBody,
  answerStream,
  COMMON_PROBLEMS,
  createRoutes,
  demandPermission,
  guard,
  problems,
  registerSchema,
  servedOnlyAt,
  type ServiceEnv,
} from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { ProviderDeps } from '../deps.ts'
import type { ProviderAction } from '../permissions.ts'
import { readOwnCode } from '../resolution/own-codes.ts'
import { answerBulk } from './bulk-answer.ts'
import { createBulkGate } from './bulk-gate.ts'
import {
  BULK_CHUNK_LINES,
  BULK_CHUNK_MILLISECONDS_MAX,
  BULK_IDLE_SECONDS_MAX,
  BULK_LINE_BYTES_MAX,
  BULK_LINES_MAX,
} from './bulk-limits.ts'
import { BulkAnswer, BulkEnd, BulkRegistration } from './bulk-line.ts'
import { createBulkSource } from './bulk-source.ts'
import { demandOwnOntology } from './register-instance.ts'

const CODE_LENGTH_MAX = 300
const PATH_ENDING = '/instances:bulk'
/** Not its literal type: the types of routes take every name that ends in `json` for JSON. */
const NDJSON: string = 'application/x-ndjson'
const ACTION = 'instance:register' satisfies ProviderAction

const { middleware: authorise, ...guarded } = guard<ProviderAction>(ACTION)

const bulkRoute = createRoute({
  method: 'post',
  path: '/v1/ontologies/{code}/instances:bulk',
  summary:
    'Register many instances of an approved ontology: NDJSON in, NDJSON out, a line for a line, in order',
  description: [
    'Read the answer while you send: it comes as chunks are committed, and who does not read is not read from.',
    `A chunk is ${BULK_CHUNK_LINES} lines, or what came within ${BULK_CHUNK_MILLISECONDS_MAX} ms, in one transaction.`,
    `At most ${BULK_LINES_MAX} lines a stream and ${BULK_LINE_BYTES_MAX} bytes a line; see /v1/limits.`,
    'Each line has the Idempotency-Key of a single registration as its `key`. After any break, send the same keys',
    'again: what was assigned is answered with the same code and record. A refused line fails alone.',
    'The last line is `{"lines","assigned","replayed","refused"}`. A stream that breaks off ends with a line that holds',
    'only a `problem`, or with no whole line at all, and its connection is closed without an end.',
  ].join('\n'),
  'x-stream': {
    request: { media_type: NDJSON, line: { $ref: '#/components/schemas/BulkRegistration' } },
    response: {
      media_type: NDJSON,
      line: { $ref: '#/components/schemas/BulkAnswer' },
      last_line: { $ref: '#/components/schemas/BulkEnd' },
    },
  },
  ...guarded,
  middleware: [servedOnlyAt(PATH_ENDING), authorise] as const,
  request: {
    params: z.object({ code: z.string().min(1).max(CODE_LENGTH_MAX) }),
    body: { required: true, content: { [NDJSON]: { schema: z.string() } } },
  },
  responses: {
    200: { description: 'One object a line', content: { [NDJSON]: { schema: z.string() } } },
    ...problems(
      ...COMMON_PROBLEMS,
      ...ASSIGNING_PROBLEMS,
      'awaiting-assignment',
      'code-version-unsupported',
      'code-not-mine',
      'media-type-unsupported',
      'ontology-not-found',
      'requester-state',
    ),
  },
})

/** True for the one address whose body has no bound but its own. */
export function isBulkPath(path: string): boolean {
  return path.endsWith(PATH_ENDING)
}

/** `POST /v1/ontologies/{code}/instances:bulk`. */
export function bulkRoutes(deps: ProviderDeps): OpenAPIHono<ServiceEnv> {
  const gate = createBulkGate()
  const routes = createRoutes()
  registerSchema(routes, 'BulkRegistration', BulkRegistration)
  registerSchema(routes, 'BulkAnswer', BulkAnswer)
  registerSchema(routes, 'BulkEnd', BulkEnd)
  return routes.openapi(bulkRoute, async (c) => {
    const { authenticate, permissions, log } = c.get('service')
    const requesterId = c.get('principal').id
    const ontology = await demandOwnOntology(deps, {
      ontology: readOwnCode(deps, c.req.valid('param').code),
      requesterId,
    })
    const { body } = c.req.raw
    if (body === null) throw new RegistryError('request-invalid', 'body: is missing')
    const assignBatch = deps.assigners().instances
    const credential = c.req.header('authorization')
    const { path } = c.req
    const leave = gate.enter(requesterId)
    allowLongBody(c)
    return answerStream(c, {
      headers: { 'content-type': NDJSON, 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
      takeSecondsMax: BULK_IDLE_SECONDS_MAX,
      async *chunks(gone) {
        try {
          yield* answerBulk(
            {
              source: createBulkSource(body),
              assignBatch,
              ontology,
              requesterId,
              path,
              log,
              reached: (step) => deps.node.ambient.reached(step),
              demandStillAllowed: async () =>
                demandPermission(permissions, ACTION, await authenticate(credential)),
            },
            gone,
          )
        } finally {
          leave()
        }
      },
    })
  })
}
