import { Reason } from '@arc3088/issuer'
import {
  COMMON_PROBLEMS,
  createRoutes,
  guard,
  PAGE_QUERY,
  pageResponse,
  problems,
  toPage,
  type ServiceEnv,
} from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { RootDeps } from '../deps.ts'
import type { RootAction } from '../permissions.ts'
import { Paragraphs } from './application-body.ts'
import { RETURNED_ITEMS } from './application-step.ts'
import {
  ApplicationFileView,
  ApplicationView,
  StateName,
  viewApplication,
  viewFile,
} from '../http/application-view.ts'
import { readApplicationFile, readApplications } from './read-applications.ts'
import { returnApplication } from './return-application.ts'
import { takeApplication } from './take-application.ts'

const Id = z.strictObject({ id: z.uuid() })
const ITEMS_MAX = 32

const PATH = '/v1/desk/applications'

const listRoute = createRoute({
  method: 'get',
  path: PATH,
  summary: 'Applications, newest first',
  ...guard<RootAction>('application:read'),
  request: {
    query: z.strictObject({
      state: StateName.optional(),
      kind: z.enum(['domestic', 'overseas']).optional(),
      country: z
        .string()
        .regex(/^[A-Z]{2}$/)
        .optional(),
      entity_id: z.url().max(2048).optional(),
      taken_by: z.uuid().optional(),
      ...PAGE_QUERY,
    }),
  },
  responses: {
    200: pageResponse('ProviderApplicationPage', ApplicationView),
    ...problems(...COMMON_PROBLEMS),
  },
})

const fileRoute = createRoute({
  method: 'get',
  path: `${PATH}/{id}`,
  summary: 'The whole file of an application: what was sent, every step, and the time in each',
  ...guard<RootAction>('application:read'),
  request: { params: Id },
  responses: {
    200: { description: 'The file', content: { 'application/json': { schema: ApplicationFileView } } },
    ...problems(...COMMON_PROBLEMS, 'application-not-found'),
  },
})

const takeRoute = createRoute({
  method: 'post',
  path: `${PATH}/{id}/take`,
  summary: 'Take an application up: its published configuration is fetched, and must bear it out',
  ...guard<RootAction>('application:take'),
  request: { params: Id },
  responses: {
    200: { description: 'Under review', content: { 'application/json': { schema: ApplicationView } } },
    ...problems(
      ...COMMON_PROBLEMS,
      'application-not-found',
      'application-state',
      'applicant-unverified',
      'entity-known',
      'key-shared',
      'log-not-own',
      'address-refused',
      'upstream-unreachable',
      'upstream-timeout',
    ),
  },
})

const ReturnBody = z
  .strictObject({
    reason: Reason,
    items: z
      .array(z.strictObject({ about: z.enum(RETURNED_ITEMS), note: Paragraphs(2000) }))
      .min(1)
      .max(ITEMS_MAX),
  })
  .openapi('ApplicationReturn')

const returnRoute = createRoute({
  method: 'post',
  path: `${PATH}/{id}/return`,
  summary: 'Give an application back for completion; the applicant reads reason and items',
  ...guard<RootAction>('application:return'),
  request: {
    params: Id,
    body: { required: true, content: { 'application/json': { schema: ReturnBody } } },
  },
  responses: {
    200: { description: 'Returned', content: { 'application/json': { schema: ApplicationView } } },
    ...problems(...COMMON_PROBLEMS, 'application-not-found', 'application-state', 'proposal-pending'),
  },
})

/** Applications at the desk. */
export function applicationDeskRoutes(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  const now = () => deps.node.ambient.now()
  return createRoutes()
    .openapi(listRoute, async (c) => {
      const { state, kind, country, entity_id, taken_by, before, limit } = c.req.valid('query')
      const found = await readApplications(deps, {
        limit,
        ...(state === undefined ? {} : { state }),
        ...(kind === undefined ? {} : { kind }),
        ...(country === undefined ? {} : { country }),
        ...(entity_id === undefined ? {} : { entityId: entity_id }),
        ...(taken_by === undefined ? {} : { takenBy: taken_by }),
        ...(before === undefined ? {} : { before }),
      })
      const items = found.map((application) => viewApplication(application, now()))
      return c.json(toPage(items, limit), 200)
    })
    .openapi(fileRoute, async (c) => {
      return c.json(viewFile(await readApplicationFile(deps, c.req.valid('param').id), now()), 200)
    })
    .openapi(takeRoute, async (c) => {
      const application = await takeApplication(deps, c.req.valid('param').id, c.get('principal').id)
      return c.json(viewApplication(application, now()), 200)
    })
    .openapi(returnRoute, async (c) => {
      const { reason, items } = c.req.valid('json')
      const officer = c.get('principal').id
      const { id: applicationId } = c.req.valid('param')
      const application = await returnApplication(deps, { applicationId, officer, reason, items })
      return c.json(viewApplication(application, now()), 200)
    })
}
