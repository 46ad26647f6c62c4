import { COMMON_PROBLEMS, createRoutes, guard, problems, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import { createToken } from './create-token.ts'
import type { OperatorDesk } from './operator-desk.ts'
import { readSelf, readTokens } from './read-desk.ts'
import { revokeHeldToken } from './revoke-token.ts'
import { NO_STORE, TokenId, TokenList, TokenView, viewToken } from '../http/token-view.ts'

const SelfView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    role: z.string(),
    scopes: z
      .array(z.string())
      .nullable()
      .openapi({ description: 'what the credential is held to; null: to the role alone' }),
    actions: z.array(z.string()).openapi({ description: 'what it may do, of the authorisation table' }),
    key_ids: z.array(z.string()),
    credential: z.object({
      id: z.string(),
      kind: z.string(),
      expires_at: z.iso.datetime().nullable(),
    }),
  })
  .openapi('Self')

const NewToken = z
  .strictObject({
    label: z
      .string()
      .min(1)
      .max(100)
      .openapi({ description: 'one token in force has it at most, which is what tells a retry' }),
    scopes: z
      .array(z.string().min(1).max(100))
      .min(1)
      .max(100)
      .refine((scopes) => new Set(scopes).size === scopes.length, { error: 'a scope stands twice' })
      .nullable()
      .openapi({ description: 'actions; null for all that the role may do' }),
    expires_at: z.iso.datetime().openapi({ description: 'within a year' }),
  })
  .openapi('NewToken')

const meRoute = createRoute({
  method: 'get',
  path: '/v1/desk/me',
  summary: 'Who asks, and what they may do',
  ...guard('desk:self'),
  responses: {
    200: { description: 'Who asks', content: { 'application/json': { schema: SelfView } } },
    ...problems(...COMMON_PROBLEMS),
  },
})

const listRoute = createRoute({
  method: 'get',
  path: '/v1/desk/tokens',
  summary: 'Credentials of one’s own that are in force, without their secrets',
  ...guard('desk:self'),
  responses: {
    200: { description: 'Newest first', content: { 'application/json': { schema: TokenList } } },
    ...problems(...COMMON_PROBLEMS),
  },
})

const createTokenRoute = createRoute({
  method: 'post',
  path: '/v1/desk/tokens',
  summary: 'Make a token of one’s own; it is shown this once',
  ...guard('token:create'),
  request: { body: { required: true, content: { 'application/json': { schema: NewToken } } } },
  responses: {
    201: {
      description: 'Made',
      content: {
        'application/json': { schema: TokenView.extend({ token: z.string() }).openapi('ShownToken') },
      },
    },
    ...problems(...COMMON_PROBLEMS, 'token-label-used', 'token-limit', 'node-read-only'),
  },
})

const revokeRoute = createRoute({
  method: 'delete',
  path: '/v1/desk/tokens/{id}',
  summary: 'Revoke a credential: one’s own, or anybody’s as an administrator',
  ...guard('desk:self'),
  request: { params: z.strictObject({ id: TokenId }) },
  responses: {
    204: { description: 'Revoked, now or before' },
    ...problems(...COMMON_PROBLEMS, 'token-not-found', 'node-read-only'),
  },
})

/** Who asks, and the tokens that are theirs. */
export function deskTokenRoutes(desk: () => OperatorDesk): OpenAPIHono<ServiceEnv> {
  return createRoutes()
    .openapi(meRoute, async (c) => {
      const { keyIds, credential, ...self } = await readSelf(desk(), c.get('principal'))
      const view = {
        ...self,
        scopes: self.scopes === null ? null : [...self.scopes],
        actions: [...self.actions],
        key_ids: [...keyIds],
        credential: {
          id: credential?.id ?? '',
          kind: credential?.kind ?? '',
          expires_at: credential?.expiresAt?.toISOString() ?? null,
        },
      }
      return c.json(view, 200, NO_STORE)
    })
    .openapi(listRoute, async (c) => {
      const items = await readTokens(desk(), c.get('principal').id)
      return c.json({ items: items.map(viewToken) }, 200, NO_STORE)
    })
    .openapi(createTokenRoute, async (c) => {
      const { label, scopes, expires_at: until } = c.req.valid('json')
      const wanted = { label, scopes, expiresAt: new Date(until) }
      const made = await createToken(desk(), c.get('principal'), wanted)
      return c.json({ ...viewToken(made), token: made.token }, 201, NO_STORE)
    })
    .openapi(revokeRoute, async (c) => {
      await revokeHeldToken(desk(), c.get('principal'), c.req.valid('param').id)
      return c.body(null, 204)
    })
}
