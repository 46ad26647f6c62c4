import {
  createRoutes,
  problems,
  PUBLIC,
  sendCacheable,
  sendCacheableJson,
  type ServiceEnv,
} from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { CodeAuthority } from './answer-code.ts'
import { readAssignmentProof, readCodeHistory } from './code-history.ts'
import { PROOF_MEDIA_TYPE, proofDocument } from './proof-document.ts'

const TRANSITIONS_DEFAULT = 50
const TRANSITIONS_MAX = 100
const TRANSITIONS_AFTER_MAX = 2 ** 31 - 1
const CODE_LENGTH_MAX = 300

const Code = z.strictObject({ code: z.string().min(1).max(CODE_LENGTH_MAX) })
const Proof = z.string().optional().openapi({
  description: 'C2SP tlog-proof; left out while no checkpoint of the log covers the entry',
})

const CodeHistoryView = z
  .object({
    code: z.string(),
    assigned: z.object({ hash: z.string(), at: z.number().int(), proof: Proof }),
    transitions: z.array(
      z.object({
        nth: z.number().int(),
        status: z.string(),
        since: z.number().int(),
        hash: z.string().nullable(),
        proof: Proof,
      }),
    ),
    next: z.number().int().nullable(),
  })
  .openapi('CodeHistory')

const REFUSALS = [
  'code-malformed',
  'code-version-unsupported',
  'code-not-mine',
  'code-not-found',
  'record-lost',
  'awaiting-assignment',
  'internal',
] as const

const historyRoute = createRoute({
  method: 'get',
  path: '/v1/codes/{code}/history',
  summary: 'What became of a code: its assignment and every change of its status, with their proofs',
  ...PUBLIC,
  request: {
    params: Code,
    query: z.strictObject({
      after: z.coerce
        .number()
        .int()
        .min(0)
        .max(TRANSITIONS_AFTER_MAX)
        .default(0)
        .openapi({ description: 'the number of the last transition seen; `next` of the page before' }),
      limit: z.coerce.number().int().min(1).max(TRANSITIONS_MAX).default(TRANSITIONS_DEFAULT),
    }),
  },
  responses: {
    200: {
      description: 'A page, oldest first',
      content: { 'application/json': { schema: CodeHistoryView } },
    },
    ...problems('request-invalid', ...REFUSALS),
  },
})

const proofRoute = createRoute({
  method: 'get',
  path: '/v1/codes/{code}/log-proof',
  summary: 'The proof that the assignment of a code stands in the log of this node (C2SP tlog-proof)',
  ...PUBLIC,
  request: { params: Code },
  responses: {
    200: { description: 'The proof', content: { [PROOF_MEDIA_TYPE]: { schema: z.string() } } },
    ...problems('request-invalid', 'log-proof-pending', ...REFUSALS),
  },
})

/** `GET /v1/codes/{code}/history` and `/v1/codes/{code}/log-proof`. */
export function codeHistoryRoutes(door: { authority(): CodeAuthority }): OpenAPIHono<ServiceEnv> {
  return createRoutes()
    .openapi(historyRoute, async (c) => {
      const page = { ...c.req.valid('query'), now: c.get('service').ambient.now() }
      const history = await readCodeHistory(door.authority(), c.req.valid('param').code, page)
      const { transitions, ...rest } = history
      return sendCacheableJson(c, { ...rest, transitions: [...transitions] }, 0)
    })
    .openapi(proofRoute, async (c) => {
      const now = c.get('service').ambient.now()
      const body = await readAssignmentProof(door.authority(), c.req.valid('param').code, now)
      return sendCacheable(c, proofDocument(body))
    })
}
