import { reuseStatement } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { MEDIA_TYPE } from '@arc3088/records'
import { createRoutes, PUBLIC, sendCacheable, sendCacheableJson, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { RootDeps } from '../deps.ts'
import { federationRefusal } from '../http/federation-error.ts'
import { EntityIdAsked, leavesProviders, LISTING_FILTERS } from '../http/listing-filter.ts'
import { STATEMENT_REUSE_SECONDS, type StatementCache } from './statement-cache.ts'
import { listProviderEntities } from './list-provider-entities.ts'

const STATEMENT_MAX_AGE_SECONDS = 60

const fetchRoute = createRoute({
  method: 'get',
  path: '/federation/fetch',
  summary: 'The statement about one provider, for ever (OpenID Federation 1.0 section 8.1, W2)',
  ...PUBLIC,
  // Whatever else is sent is ignored, such as the `iss` that drafts of the standard required.
  request: { query: z.looseObject({ sub: EntityIdAsked }) },
  responses: {
    200: { description: 'The statement', content: { [MEDIA_TYPE.entityStatement]: { schema: z.string() } } },
    400: federationRefusal('invalid_request'),
    404: federationRefusal('not_found: no provider was ever assigned to this entity'),
    500: federationRefusal('server_error'),
    503: federationRefusal('temporarily_unavailable'),
  },
})

const listRoute = createRoute({
  method: 'get',
  path: '/federation/list',
  summary: 'The entity identifiers of all providers (OpenID Federation 1.0 section 8.2)',
  ...PUBLIC,
  request: { query: z.looseObject(LISTING_FILTERS) },
  responses: {
    200: { description: 'Entity identifiers', content: { 'application/json': { schema: z.array(z.url()) } } },
    400: federationRefusal('invalid_request, unsupported_parameter'),
    500: federationRefusal('server_error'),
    503: federationRefusal('temporarily_unavailable'),
  },
})

/** The federation endpoints, which answer errors in OpenID Federation's own words. */
export function federationRoutes(deps: RootDeps, statements: StatementCache): OpenAPIHono<ServiceEnv> {
  const allEntities = reuseStatement(
    () => deps.node.ambient.now(),
    STATEMENT_REUSE_SECONDS,
    () => listProviderEntities(deps),
  )
  const routes = createRoutes()
  return routes
    .openapi(fetchRoute, async (c) => {
      const { sub } = c.req.valid('query')
      if (sub === deps.node.entityId)
        throw new RegistryError(
          'request-invalid',
          'sub: what this entity says of itself is its configuration',
        )
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
      const entityIds = leavesProviders(c.req.valid('query')) ? await allEntities() : []
      return sendCacheableJson(c, entityIds, STATEMENT_MAX_AGE_SECONDS)
    })
}
