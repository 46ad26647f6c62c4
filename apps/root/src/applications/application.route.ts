import {
  createRoutes,
  limitRate,
  problems,
  PUBLIC,
  sendCacheableJson,
  type RateLimit,
  type ServiceEnv,
} from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { RootDeps } from '../deps.ts'
import { receiveRequest } from '../federation/signed-request.ts'
import { APPLICANT_REQUEST_RATE, applicationRate } from '../limits.ts'
import { OwnApplicationView, ReceiptView, viewOwn, viewReceipt } from '../http/application-view.ts'
import { completeApplication } from './complete-application.ts'
import { readApplication } from './read-applications.ts'
import { readOwnApplication } from './read-own-application.ts'
import { submitApplication } from './submit-application.ts'
import { withdrawApplication } from './withdraw-application.ts'

const Id = z.strictObject({ id: z.uuid() })

const SUBMIT_PATH = '/v1/provider-applications'

const SIGNED_PROBLEMS = [
  'request-invalid',
  'request-signature-invalid',
  'media-type-unsupported',
  'idempotency-key-reused',
  'rate-limited',
  'body-too-large',
  'internal',
] as const

const receipt = (description: string) => {
  return { description, content: { 'application/json': { schema: ReceiptView } } }
}

const submitRoute = createRoute({
  method: 'post',
  path: SUBMIT_PATH,
  summary:
    'Apply to become a provider, signed with the federation key that the application names (annex B b, W11)',
  ...PUBLIC,
  responses: {
    201: receipt('Received'),
    ...problems(...SIGNED_PROBLEMS, 'code-malformed', 'entity-known'),
  },
})

const receiptRoute = createRoute({
  method: 'get',
  path: `${SUBMIT_PATH}/{id}`,
  summary: 'How far an application has come, for whoever has its id',
  ...PUBLIC,
  request: { params: Id },
  responses: {
    200: receipt('The application'),
    ...problems('request-invalid', 'application-not-found', 'internal'),
  },
})

const statusRoute = createRoute({
  method: 'post',
  path: `${SUBMIT_PATH}/{id}/status`,
  summary: 'The whole of its own application, for the applicant: what the desk asks for, and why (W11)',
  ...PUBLIC,
  request: { params: Id },
  responses: {
    200: {
      description: 'The application, its steps and the time each took',
      content: { 'application/json': { schema: OwnApplicationView } },
    },
    ...problems(...SIGNED_PROBLEMS, 'application-not-found'),
  },
})

const completeRoute = createRoute({
  method: 'post',
  path: `${SUBMIT_PATH}/{id}/complete`,
  summary:
    'Complete an application that was returned: the whole of it again, naming the revision it replaces',
  ...PUBLIC,
  request: { params: Id },
  responses: {
    201: receipt('Under review again; or applied again, where it brings other federation keys'),
    ...problems(
      ...SIGNED_PROBLEMS,
      'code-malformed',
      'application-not-found',
      'application-state',
      'precondition-failed',
      'key-shared',
    ),
  },
})

const withdrawRoute = createRoute({
  method: 'post',
  path: `${SUBMIT_PATH}/{id}/withdraw`,
  summary: 'Withdraw an application; a proposal about it is void from then on',
  ...PUBLIC,
  request: { params: Id },
  responses: {
    201: receipt('Withdrawn'),
    ...problems(...SIGNED_PROBLEMS, 'application-not-found', 'application-state'),
  },
})

/** Applications, seen from outside: every body is a request signed by the applicant's federation key (W11). */
export function applicationRoutes(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  const routes = createRoutes()
  const limit = (path: string, read: () => RateLimit) => routes.on('POST', path, limitRate(read))
  limit(SUBMIT_PATH, () => applicationRate(deps))
  for (const act of ['status', 'complete', 'withdraw'])
    limit(`${SUBMIT_PATH}/:id/${act}`, () => APPLICANT_REQUEST_RATE)
  return routes
    .openapi(submitRoute, async (c) => {
      return c.json(viewReceipt(await submitApplication(deps, await receiveRequest(c.req))), 201)
    })
    .openapi(receiptRoute, async (c) => {
      const { id } = c.req.valid('param')
      return sendCacheableJson(c, viewReceipt(await readApplication(deps, id)), 0)
    })
    .openapi(statusRoute, async (c) => {
      const { id } = c.req.valid('param')
      return c.json(viewOwn(await readOwnApplication(deps, id, await receiveRequest(c.req))), 200, {
        'cache-control': 'no-store',
      })
    })
    .openapi(completeRoute, async (c) => {
      const { id } = c.req.valid('param')
      return c.json(viewReceipt(await completeApplication(deps, id, await receiveRequest(c.req))), 201)
    })
    .openapi(withdrawRoute, async (c) => {
      const { id } = c.req.valid('param')
      return c.json(viewReceipt(await withdrawApplication(deps, id, await receiveRequest(c.req))), 201)
    })
}
