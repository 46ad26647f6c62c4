import { asProviderNumber, buildProviderPrefix, formatSegment } from '@arc3088/codec'
import { Organization } from '@arc3088/records'
import {
  createRoutes,
  problems,
  PUBLIC,
  sendCacheableJson,
  type ServiceEnv,
  PAGE_ITEMS_MAX,
} from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { RootDeps } from '../deps.ts'
import { listProviders } from './list-providers.ts'

const PROVIDERS_MAX_AGE_SECONDS = 60

const ProviderPage = z
  .object({
    items: z.array(
      z.object({
        code: z.string(),
        code_prefix: z.string(),
        entity_id: z.url(),
        kind: z.enum(['domestic', 'overseas']),
        organization: Organization,
        state: z.enum(['active', 'suspended', 'retired']),
        assigned_at: z.iso.datetime(),
      }),
    ),
    next: z.string().nullable(),
  })
  .openapi('ProviderPage')

const listRoute = createRoute({
  method: 'get',
  path: '/v1/providers',
  summary: 'Every provider ever assigned, by code: the readable listing',
  ...PUBLIC,
  request: {
    query: z.strictObject({
      after: z
        .string()
        .min(1)
        .max(6)
        .optional()
        .openapi({ description: 'a provider code; `next` of the page before' }),
      limit: z.coerce.number().int().min(1).max(PAGE_ITEMS_MAX).default(100),
    }),
  },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: ProviderPage } } },
    ...problems('request-invalid', 'code-malformed', 'internal'),
  },
})

/** `GET /v1/providers`. */
export function providerRoutes(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  return createRoutes().openapi(listRoute, async (c) => {
    const { after, limit } = c.req.valid('query')
    const { providers, next } = await listProviders(deps, { after, limit })
    const page: z.infer<typeof ProviderPage> = {
      items: providers.map((provider) => ({
        code: formatSegment(provider.code),
        code_prefix: buildProviderPrefix({ prefix: deps.prefix, provider: asProviderNumber(provider.code) })
          .text,
        entity_id: provider.entityId,
        kind: provider.kind,
        organization: provider.organization,
        state: provider.state,
        assigned_at: provider.assignedAt.toISOString(),
      })),
      next,
    }
    return sendCacheableJson(c, page, PROVIDERS_MAX_AGE_SECONDS)
  })
}
