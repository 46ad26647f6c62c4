import { MEDIA_TYPE } from '@arc3088/records'
import { createRoutes, limitRate, problems, PUBLIC, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { RootDeps } from '../deps.ts'
import { receiveRequest } from '../federation/signed-request.ts'
import type { StatementCache } from '../federation/statement-cache.ts'
import { PROVIDER_KEY_RATE } from '../limits.ts'
import { endorseProviderKey } from './endorse-provider-key.ts'

const PATH = '/v1/providers/{code}/keys'

const endorseRoute = createRoute({
  method: 'post',
  path: PATH,
  summary:
    'A provider tells of a change of its keys, signed with a federation key that the root names (W8, W11)',
  ...PUBLIC,
  request: { params: z.strictObject({ code: z.string().min(1).max(6) }) },
  responses: {
    201: {
      description: 'The root says the same: its own signed endorsement, logged',
      content: { [MEDIA_TYPE.keyEndorsement]: { schema: z.string() } },
    },
    ...problems(
      'request-invalid',
      'request-signature-invalid',
      'code-malformed',
      'entity-unknown',
      'media-type-unsupported',
      'idempotency-key-reused',
      'key-not-endorsed',
      'key-state',
      'key-two-purposes',
      'key-unavailable',
      'decision-unproven',
      'rate-limited',
      'body-too-large',
      'internal',
    ),
  },
})

/** `POST /v1/providers/{code}/keys`. */
export function providerKeyRoutes(deps: RootDeps, statements: StatementCache): OpenAPIHono<ServiceEnv> {
  const routes = createRoutes()
  routes.on(
    'POST',
    PATH.replace('{code}', ':code'),
    limitRate(() => PROVIDER_KEY_RATE),
  )
  return routes.openapi(endorseRoute, async (c) => {
    const received = await receiveRequest(c.req)
    const { endorsement, provider } = await endorseProviderKey(deps, c.req.valid('param').code, received)
    statements.forget(provider.foundedAs)
    statements.forget(provider.entityId)
    return c.body(endorsement, 201, { 'content-type': MEDIA_TYPE.keyEndorsement })
  })
}
