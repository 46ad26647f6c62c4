import {
  COMMON_PROBLEMS,
  createRoutes,
  guard,
  limitRate,
  problems,
  PUBLIC,
  readIdempotencyKey,
  type ServiceEnv,
} from '@arc3088/service'
import { IdempotencyHeader } from '@arc3088/issuer'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { ProviderDeps } from '../deps.ts'
import { applicationRate } from '../limits.ts'
import type { ProviderAction } from '../permissions.ts'
import { applyRequester } from './apply-requester.ts'
import { readRequester } from './read-requesters.ts'
import { RequesterApplication } from './requester.ts'
import { RequesterView, viewOf } from '../http/requester-view.ts'

const APPLY_PATH = '/v1/requesters'

const applyRoute = createRoute({
  method: 'post',
  path: APPLY_PATH,
  summary: 'Apply to become a requester; the token is shown this once (annex B a for those from abroad)',
  description:
    'The same application under the same Idempotency-Key is taken once, and refused as received from then on: of the token ' +
    'only a hash is kept. The key is optional.',
  ...PUBLIC,
  request: {
    headers: IdempotencyHeader,
    body: {
      required: true,
      content: { 'application/json': { schema: RequesterApplication.openapi('RequesterApplication') } },
    },
  },
  responses: {
    201: {
      description: 'Received',
      content: {
        'application/json': {
          schema: z.object({ id: z.uuid(), token: z.string() }).openapi('RequesterReceipt'),
        },
      },
    },
    ...problems('request-invalid', 'application-received', 'rate-limited', 'body-too-large', 'internal'),
  },
})

const meRoute = createRoute({
  method: 'get',
  path: '/v1/requesters/me',
  summary: 'What this provider knows of the caller, and how far its application has come',
  ...guard<ProviderAction>('requester:own'),
  responses: {
    200: { description: 'The caller', content: { 'application/json': { schema: RequesterView } } },
    ...problems(...COMMON_PROBLEMS, 'requester-not-found'),
  },
})

/** Requesters, seen from outside. */
export function requesterRoutes(deps: ProviderDeps): OpenAPIHono<ServiceEnv> {
  const routes = createRoutes()
  routes.on(
    'POST',
    APPLY_PATH,
    limitRate(() => applicationRate(deps)),
  )
  return routes
    .openapi(applyRoute, async (c) => {
      const application = c.req.valid('json')
      const { 'idempotency-key': header } = c.req.valid('header')
      const key = header === undefined ? undefined : readIdempotencyKey(header, application)
      const { requester, token } = await applyRequester(deps, application, key)
      return c.json({ id: requester.id, token }, 201, { 'cache-control': 'no-store' })
    })
    .openapi(meRoute, async (c) => {
      return c.json(viewOf(deps, await readRequester(deps, c.get('principal').id)), 200)
    })
}
