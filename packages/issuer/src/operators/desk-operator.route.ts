import {
  COMMON_PROBLEMS,
  createRoutes,
  guard,
  PAGE_QUERY,
  problems,
  toPage,
  type ServiceEnv,
} from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import { inviteOperator } from './invite-operator.ts'
import type { OperatorDesk } from './operator-desk.ts'
import { listOperators, readTokens } from './read-desk.ts'
import { NO_STORE, TokenId, TokenList, viewToken } from '../http/token-view.ts'

const Id = z.strictObject({ id: z.uuid() })

const OperatorView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    role: z.string(),
    created_at: z.iso.datetime(),
    disabled_at: z.iso.datetime().nullable(),
    key_ids: z.array(z.string()),
  })
  .openapi('Operator')

const CandidateView = z
  .object({ id: z.uuid(), name: z.string(), role: z.string(), proposal: z.uuid() })
  .openapi('OperatorCandidate')

const listRoute = createRoute({
  method: 'get',
  path: '/v1/desk/operators',
  summary: 'The people of the desk, newest first; on the first page also whom pending proposals would add',
  ...guard('operator:read'),
  request: { query: z.strictObject(PAGE_QUERY) },
  responses: {
    200: {
      description: 'A page; `next` is the `before` of the following one',
      content: {
        'application/json': {
          schema: z
            .object({
              items: z.array(OperatorView),
              next: z.uuid().nullable(),
              proposed: z.array(CandidateView),
            })
            .openapi('OperatorPage'),
        },
      },
    },
    ...problems(...COMMON_PROBLEMS),
  },
})

const tokensRoute = createRoute({
  method: 'get',
  path: '/v1/desk/operators/{id}/tokens',
  summary: 'Credentials of an operator that are in force, without their secrets',
  ...guard('operator:manage'),
  request: { params: Id },
  responses: {
    200: { description: 'Newest first', content: { 'application/json': { schema: TokenList } } },
    ...problems(...COMMON_PROBLEMS),
  },
})

const inviteRoute = createRoute({
  method: 'post',
  path: '/v1/desk/operators/{id}/tokens',
  summary: 'An invitation for somebody without a key: with it, once, a token of their own is made',
  ...guard('operator:manage'),
  request: { params: Id },
  responses: {
    201: {
      description: 'Made; it takes the place of one before that was not used',
      content: {
        'application/json': {
          schema: z
            .object({ id: TokenId, token: z.string(), expires_at: z.iso.datetime() })
            .openapi('Invitation'),
        },
      },
    },
    ...problems(
      ...COMMON_PROBLEMS,
      'operator-not-found',
      'operator-state',
      'operator-begun',
      'node-read-only',
    ),
  },
})

/** The people of the desk, for those who look after it. */
export function deskOperatorRoutes(desk: () => OperatorDesk): OpenAPIHono<ServiceEnv> {
  return createRoutes()
    .openapi(listRoute, async (c) => {
      const { before, limit } = c.req.valid('query')
      const asked = { limit, ...(before === undefined ? {} : { before }) }
      const { operators, proposed } = await listOperators(desk(), asked)
      const items = operators.map(({ createdAt, disabledAt, keyIds, ...operator }) => ({
        ...operator,
        created_at: createdAt.toISOString(),
        disabled_at: disabledAt?.toISOString() ?? null,
        key_ids: [...keyIds],
      }))
      return c.json({ ...toPage(items, limit), proposed }, 200, NO_STORE)
    })
    .openapi(tokensRoute, async (c) => {
      const items = await readTokens(desk(), c.req.valid('param').id)
      return c.json({ items: items.map(viewToken) }, 200, NO_STORE)
    })
    .openapi(inviteRoute, async (c) => {
      const { id } = c.req.valid('param')
      const { expiresAt, ...invitation } = await inviteOperator(desk(), c.get('principal'), id)
      return c.json({ ...invitation, expires_at: expiresAt.toISOString() }, 201, NO_STORE)
    })
}
