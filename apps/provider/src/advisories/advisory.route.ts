import { Reason } from '@arc3088/issuer'
import { AUTHORITY_LIST_TTL_SECONDS } from '@arc3088/records'
import {
  COMMON_PROBLEMS,
  createRoutes,
  guard,
  problems,
  PUBLIC,
  sendCacheableJson,
  type ServiceEnv,
} from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { ProviderDeps } from '../deps.ts'
import {
  DeskAdvisoryView,
  OwnAdvisoryView,
  viewDeskAdvisory,
  viewOwnAdvisory,
} from '../http/advisory-view.ts'
import type { ProviderAction } from '../permissions.ts'
import { acknowledgeAdvisory } from './acknowledge-advisory.ts'
import { readOwnAdvisories } from './read-advisories.ts'

const listRoute = createRoute({
  method: 'get',
  path: '/v1/advisories',
  summary: "The root's advisories that concern codes of this provider, newest first (P-09)",
  ...PUBLIC,
  responses: {
    200: {
      description: 'The advisories; the signed ones are at the root',
      content: {
        'application/json': {
          schema: z.object({ items: z.array(OwnAdvisoryView) }).openapi('OwnAdvisories'),
        },
      },
    },
    ...problems('internal'),
  },
})

const deskRoute = createRoute({
  method: 'get',
  path: '/v1/desk/advisories',
  summary: 'Advisories that concern this provider: what each asks of the desk, and what was answered',
  ...guard<ProviderAction>('advisory:read'),
  responses: {
    200: {
      description: 'The advisories',
      content: {
        'application/json': {
          schema: z.object({ items: z.array(DeskAdvisoryView) }).openapi('DeskAdvisories'),
        },
      },
    },
    ...problems(...COMMON_PROBLEMS),
  },
})

const acknowledgeRoute = createRoute({
  method: 'post',
  path: '/v1/desk/advisories/{id}/acknowledge',
  summary: 'Take note of an advisory; the root is told of it, signed, until it has taken it',
  ...guard<ProviderAction>('advisory:acknowledge'),
  request: {
    params: z.strictObject({ id: z.uuidv7().regex(/^[0-9a-f-]+$/) }),
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z
            .strictObject({
              version: z.number().int().min(1).openapi({ description: 'the version that was read' }),
              reason: Reason,
            })
            .openapi('AdvisoryNote'),
        },
      },
    },
  },
  responses: {
    200: { description: 'As it is now', content: { 'application/json': { schema: DeskAdvisoryView } } },
    ...problems(
      ...COMMON_PROBLEMS,
      'advisory-not-found',
      'advisory-state',
      'advisory-changed',
      'node-read-only',
    ),
  },
})

/** `GET /v1/advisories`, and the desk's view of them with its acknowledgements. */
export function advisoryRoutes(deps: ProviderDeps): OpenAPIHono<ServiceEnv> {
  return createRoutes()
    .openapi(listRoute, async (c) => {
      const items = (await readOwnAdvisories(deps)).map((own) => viewOwnAdvisory(own, deps.rootUrl))
      return sendCacheableJson(c, { items }, AUTHORITY_LIST_TTL_SECONDS)
    })
    .openapi(deskRoute, async (c) => {
      const items = (await readOwnAdvisories(deps)).map((own) => viewDeskAdvisory(own, deps.rootUrl))
      return c.json({ items }, 200)
    })
    .openapi(acknowledgeRoute, async (c) => {
      const { version, reason } = c.req.valid('json')
      const said = { version, reason, operator: c.get('principal').id }
      return c.json(
        viewDeskAdvisory(await acknowledgeAdvisory(deps, c.req.valid('param').id, said), deps.rootUrl),
        200,
      )
    })
}
