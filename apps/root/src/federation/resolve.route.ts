import { RegistryError } from '@arc3088/problems'
import { MEDIA_TYPE } from '@arc3088/records'
import { createRoutes, numericDate, PUBLIC, sendCacheable, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import { federationRefusal } from '../http/federation-error.ts'
import { EntityIdAsked, repeatable } from '../http/listing-filter.ts'
import type { Resolve } from './resolution-cache.ts'
import type { ResolutionParts } from './resolve-entity.ts'

const TRUST_ANCHORS_MAX = 16
const ENTITY_TYPES_MAX = 16
const ENTITY_TYPE_LENGTH_MAX = 64
const RESOLUTION_MAX_AGE_SECONDS = 60

const resolveRoute = createRoute({
  method: 'get',
  path: '/federation/resolve',
  summary: 'What holds of an entity below this root, with its chain (OpenID Federation 1.0 section 8.3)',
  ...PUBLIC,
  request: {
    query: z.looseObject({
      sub: EntityIdAsked,
      trust_anchor: repeatable(EntityIdAsked, TRUST_ANCHORS_MAX),
      entity_type: repeatable(z.string().min(1).max(ENTITY_TYPE_LENGTH_MAX), ENTITY_TYPES_MAX).optional(),
    }),
  },
  responses: {
    200: {
      description: 'The signed resolution, which holds no longer than any statement of its chain',
      content: { [MEDIA_TYPE.resolveResponse]: { schema: z.string() } },
    },
    400: federationRefusal('invalid_request, invalid_trust_chain'),
    404: federationRefusal('not_found, invalid_trust_anchor'),
    500: federationRefusal('server_error'),
    503: federationRefusal('temporarily_unavailable: the entity does not serve its configuration'),
  },
})

/** `GET /federation/resolve`. */
export function resolveRoutes(parts: () => ResolutionParts, resolve: Resolve): OpenAPIHono<ServiceEnv> {
  return createRoutes().openapi(resolveRoute, async (c) => {
    const { sub, trust_anchor: anchors, entity_type: entityTypes } = c.req.valid('query')
    const { node } = parts().deps
    if (!anchors.includes(node.entityId))
      throw new RegistryError('trust-anchor-unknown', `This node resolves to ${node.entityId} alone`)
    const { response, exp } = await resolve({ sub, entityTypes })
    const left = exp - numericDate(node.ambient.now())
    return sendCacheable(c, {
      body: response,
      mediaType: MEDIA_TYPE.resolveResponse,
      maxAgeSeconds: Math.max(0, Math.min(RESOLUTION_MAX_AGE_SECONDS, left)),
    })
  })
}
