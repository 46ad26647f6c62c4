import { formatSegment } from '@arc3088/codec'
import { OwnLog } from '@arc3088/records'
import { createRoutes, problems, PUBLIC, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { RootDeps } from '../deps.ts'
import { receiveRequest } from '../federation/signed-request.ts'
import type { StatementCache } from '../federation/statement-cache.ts'
import { nameLog } from './name-log.ts'

const NamedLog = z.object({ code: z.string(), tlog: OwnLog }).openapi('NamedLog')

const nameLogRoute = createRoute({
  method: 'post',
  path: '/v1/providers/{code}/log',
  summary:
    'Name the transparency log of a provider that has named none, signed with its federation key (W8, W11)',
  ...PUBLIC,
  request: { params: z.strictObject({ code: z.string().min(1).max(6) }) },
  responses: {
    200: {
      description: 'The log that is known from now on; the same again is answered the same',
      content: { 'application/json': { schema: NamedLog } },
    },
    ...problems(
      'request-invalid',
      'request-signature-invalid',
      'code-malformed',
      'entity-unknown',
      'log-known',
      'provider-retired',
      'decision-unproven',
      'log-not-own',
      'media-type-unsupported',
      'body-too-large',
      'internal',
    ),
  },
})

/** `POST /v1/providers/{code}/log`. */
export function nameLogRoutes(deps: RootDeps, statements: StatementCache): OpenAPIHono<ServiceEnv> {
  return createRoutes().openapi(nameLogRoute, async (c) => {
    const { life, log } = await nameLog(deps, c.req.valid('param').code, await receiveRequest(c.req))
    statements.forget(life.foundedAs)
    statements.forget(life.entityId)
    return c.json({ code: formatSegment(life.code), tlog: log }, 200)
  })
}
