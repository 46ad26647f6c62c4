import { PUBLIC, createRoutes, sendCacheable, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { RootDeps } from '../deps.ts'
import { federationRefusal } from '../http/federation-error.ts'
import {
  EntityIdAsked,
  leavesProviders,
  LISTING_FILTERS,
  QueryBoolean,
  repeatable,
} from '../http/listing-filter.ts'
import { listSubordinates } from './list-subordinates.ts'
import type { StatementCache } from './statement-cache.ts'

/** Entities of a page at most; with claims of their statements, which are signed, fewer. */
const PAGE_ENTITIES_MAX = 1000
const PAGE_STATEMENTS_MAX = 100
const CLAIMS_MAX = 16
const CLAIM_LENGTH_MAX = 64
const LISTING_MAX_AGE_SECONDS = 60
const NUMERIC_DATE_MAX = 253_402_300_799

const NumericDateText = z
  .string()
  .regex(/^\d{1,12}$/)
  .transform(Number)
  .pipe(z.number().int().max(NUMERIC_DATE_MAX))

const ListedEntity = z
  .object({
    id: z.string(),
    subordinate_statement: z.string().optional(),
    registered: z.number().int().optional(),
    updated: z.number().int().optional(),
    revoked: z.number().int().optional(),
  })
  .catchall(z.unknown())
  .openapi('ListedEntity')

const extendedListRoute = createRoute({
  method: 'get',
  path: '/federation/extended-list',
  summary: 'Providers page by page, with their statements on request (Extended Subordinate Listing)',
  ...PUBLIC,
  request: {
    query: z.looseObject({
      ...LISTING_FILTERS,
      from_entity_id: EntityIdAsked.optional(),
      limit: z
        .string()
        .regex(/^[1-9]\d{0,8}$/)
        .transform(Number)
        .optional(),
      updated_after: NumericDateText.optional(),
      updated_before: NumericDateText.optional(),
      audit_timestamps: QueryBoolean.optional(),
      claims: repeatable(z.string().min(1).max(CLAIM_LENGTH_MAX), CLAIMS_MAX).optional(),
    }),
  },
  responses: {
    200: {
      description:
        'A page in the order of provider codes; `next_entity_id` is where the following one begins',
      content: {
        'application/json': {
          schema: z
            .object({
              immediate_subordinate_entities: z.array(ListedEntity),
              next_entity_id: z.string().optional(),
            })
            .openapi('SubordinateListing'),
        },
      },
    },
    400: federationRefusal('invalid_request, unsupported_parameter, entity_id_not_found'),
    500: federationRefusal('server_error'),
    503: federationRefusal('temporarily_unavailable'),
  },
})

/** `GET /federation/extended-list`. */
export function extendedListRoutes(deps: RootDeps, statements: StatementCache): OpenAPIHono<ServiceEnv> {
  return createRoutes().openapi(extendedListRoute, async (c) => {
    const query = c.req.valid('query')
    const { claims = [], updated_after: updatedAfter, updated_before: updatedBefore } = query
    const most = claims.length === 0 ? PAGE_ENTITIES_MAX : PAGE_STATEMENTS_MAX
    const isAboutTimes = updatedAfter !== undefined || updatedBefore !== undefined
    const { entities, next } = leavesProviders(query)
      ? await listSubordinates(deps, statements, {
          fromEntityId: query.from_entity_id,
          limit: Math.min(query.limit ?? most, most),
          updatedAfter,
          updatedBefore,
          withTimestamps: query.audit_timestamps ?? isAboutTimes,
          claims,
        })
      : { entities: [], next: undefined }
    const page = {
      immediate_subordinate_entities: entities,
      ...(next === undefined ? {} : { next_entity_id: next }),
    }
    return sendCacheable(c, {
      body: JSON.stringify(page),
      mediaType: 'application/json',
      maxAgeSeconds: LISTING_MAX_AGE_SECONDS,
    }) as never
  })
}
