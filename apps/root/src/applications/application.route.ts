import { formatSegment } from '@arc3088/codec'
import { Organization } from '@arc3088/records'
import {
  COMMON_PROBLEMS,
  createRoutes,
  guard,
  limitRate,
  problems,
  PUBLIC,
  type ServiceEnv,
  PAGE_QUERY,
  pageResponse,
  toPage,
} from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { RootDeps } from '../deps.ts'
import { receiveRequest } from '../federation/signed-request.ts'
import { applicationRate } from '../limits.ts'
import type { RootAction } from '../permissions.ts'
import type { Application } from './application.ts'
import { readApplication, readApplications } from './read-applications.ts'
import { submitApplication } from './submit-application.ts'
import { takeApplication } from './take-application.ts'

const State = z.enum(['applied', 'under-review', 'approved'])

/** What anybody who has the id may see: how far it has come, and of whom. */
const ApplicationReceipt = z
  .object({ id: z.uuid(), entity_id: z.url(), state: State, applied_at: z.iso.datetime() })
  .openapi('ProviderApplicationReceipt')

/** What the desk sees. */
const ApplicationFile = ApplicationReceipt.extend({
  kind: z.enum(['domestic', 'overseas']),
  organization: Organization,
  contact: z.string(),
  federation_keys: z.array(z.string()),
  wished_code: z.string().nullable(),
}).openapi('ProviderApplication')

const Id = z.strictObject({ id: z.uuid() })

const SUBMIT_PATH = '/v1/provider-applications'

const submitRoute = createRoute({
  method: 'post',
  path: SUBMIT_PATH,
  summary:
    'Apply to become a provider, signed with the federation key that the application names (annex B b, W11)',
  ...PUBLIC,
  responses: {
    201: { description: 'Received', content: { 'application/json': { schema: ApplicationReceipt } } },
    ...problems(
      'request-invalid',
      'request-signature-invalid',
      'code-malformed',
      'media-type-unsupported',
      'entity-known',
      'idempotency-key-reused',
      'rate-limited',
      'body-too-large',
      'internal',
    ),
  },
})

const receiptRoute = createRoute({
  method: 'get',
  path: '/v1/provider-applications/{id}',
  summary: 'How far an application has come, for whoever has its id',
  ...PUBLIC,
  request: { params: Id },
  responses: {
    200: { description: 'The application', content: { 'application/json': { schema: ApplicationReceipt } } },
    ...problems('request-invalid', 'application-not-found', 'internal'),
  },
})

const listRoute = createRoute({
  method: 'get',
  path: '/v1/desk/applications',
  summary: 'Applications, newest first',
  ...guard<RootAction>('application:read'),
  request: {
    query: z.strictObject({
      state: State.optional(),
      ...PAGE_QUERY,
    }),
  },
  responses: {
    200: pageResponse('ProviderApplicationPage', ApplicationFile),
    ...problems(...COMMON_PROBLEMS),
  },
})

const takeRoute = createRoute({
  method: 'post',
  path: '/v1/desk/applications/{id}/take',
  summary: 'Take an application up: its published configuration is fetched, and must bear it out',
  ...guard<RootAction>('application:take'),
  request: { params: Id },
  responses: {
    200: { description: 'Under review', content: { 'application/json': { schema: ApplicationFile } } },
    ...problems(
      ...COMMON_PROBLEMS,
      'application-not-found',
      'application-state',
      'applicant-unverified',
      'log-not-own',
      'address-refused',
      'upstream-unreachable',
      'upstream-timeout',
    ),
  },
})

/** Applications: from outside, and at the desk. */
export function applicationRoutes(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  const routes = createRoutes()
  routes.on(
    'POST',
    SUBMIT_PATH,
    limitRate(() => applicationRate(deps)),
  )
  return routes
    .openapi(submitRoute, async (c) => {
      const { application } = await submitApplication(deps, await receiveRequest(c.req))
      return c.json(receiptOf(application), 201)
    })
    .openapi(receiptRoute, async (c) => {
      const { id } = c.req.valid('param')
      return c.json(receiptOf(await readApplication(deps, id)), 200)
    })
    .openapi(listRoute, async (c) => {
      const page = c.req.valid('query')
      const applications = await readApplications(deps, page)
      return c.json(toPage(applications.map(fileOf), page.limit), 200)
    })
    .openapi(takeRoute, async (c) => {
      const application = await takeApplication(deps, c.req.valid('param').id, c.get('principal').id)
      return c.json(fileOf(application), 200)
    })
}

function receiptOf({ id, entityId, state, appliedAt }: Application): z.infer<typeof ApplicationReceipt> {
  return { id, entity_id: entityId, state, applied_at: appliedAt.toISOString() }
}

function fileOf(application: Application): z.infer<typeof ApplicationFile> {
  const { kind, organization, contact, federationKeys, wishedCode } = application
  return {
    ...receiptOf(application),
    kind,
    organization,
    contact,
    federation_keys: federationKeys.map((key) => key.kid),
    wished_code: wishedCode === null ? null : formatSegment(wishedCode),
  }
}
