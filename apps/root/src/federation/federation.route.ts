import { reuseStatement } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { MEDIA_TYPE } from '@arc3088/records'
import { createRoutes, PUBLIC, sendCacheable, sendCacheableJson, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { RootDeps } from '../deps.ts'
import { STATEMENT_REUSE_SECONDS, type StatementCache } from './statement-cache.ts'
import { listProviderEntities } from './statements.ts'

const STATEMENT_MAX_AGE_SECONDS = 60
const ENTITY_ID_LENGTH_MAX = 2048

const FederationError = z
  .object({ error: z.string(), error_description: z.string() })
  .openapi('FederationError', { description: 'OpenID Federation 1.0 section 8.9' })

const refusal = (description: string) => ({
  description,
  content: { 'application/json': { schema: FederationError } },
})

const fetchRoute = createRoute({
  method: 'get',
  path: '/federation/fetch',
  summary: 'The statement about one provider, for ever (OpenID Federation 1.0 section 8.1, W2)',
  ...PUBLIC,
  // `iss` was required by drafts of the standard, and is still sent.
  request: {
    query: z.strictObject({
      sub: z.string().min(1).max(ENTITY_ID_LENGTH_MAX),
      iss: z.string().max(ENTITY_ID_LENGTH_MAX).optional(),
    }),
  },
  responses: {
    200: { description: 'The statement', content: { [MEDIA_TYPE.entityStatement]: { schema: z.string() } } },
    400: refusal('invalid_request'),
    404: refusal('not_found: no provider was ever assigned to this entity'),
    500: refusal('server_error'),
  },
})

const listRoute = createRoute({
  method: 'get',
  path: '/federation/list',
  summary: 'The entity identifiers of all providers (OpenID Federation 1.0 section 8.2)',
  ...PUBLIC,
  request: { query: z.looseObject({ entity_type: z.string().max(64).optional() }) },
  responses: {
    200: { description: 'Entity identifiers', content: { 'application/json': { schema: z.array(z.url()) } } },
    400: refusal('invalid_request'),
    500: refusal('server_error'),
  },
})

/** The federation endpoints, which answer errors in OpenID Federation's own words. */
export function federationRoutes(deps: RootDeps, statements: StatementCache): OpenAPIHono<ServiceEnv> {
  const allEntities = reuseStatement(
    () => deps.node.ambient.now(),
    STATEMENT_REUSE_SECONDS,
    () => listProviderEntities(deps, undefined),
  )
  const routes = createRoutes()
  return routes
    .openapi(fetchRoute, async (c) => {
      const { sub } = c.req.valid('query')
      const statement = await statements.about(sub)
      if (statement === undefined) {
        throw new RegistryError('entity-unknown', 'No provider was ever assigned to this entity')
      }
      return sendCacheable(c, {
        body: statement,
        mediaType: MEDIA_TYPE.entityStatement,
        maxAgeSeconds: STATEMENT_MAX_AGE_SECONDS,
      })
    })
    .openapi(listRoute, async (c) => {
      const { entity_type: entityType } = c.req.valid('query')
      const entityIds = await (entityType === undefined
        ? allEntities()
        : listProviderEntities(deps, entityType))
      return sendCacheableJson(c, entityIds, STATEMENT_MAX_AGE_SECONDS)
    })
}
