import { formatSegment } from '@arc3088/codec'
import {
  createRoutes,
  PAGE_ITEMS_MAX,
  problems,
  PUBLIC,
  sendCacheableJson,
  type ServiceEnv,
} from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { RootDeps } from '../deps.ts'
import { listProviders, listSteps, readProviderLife } from './list-providers.ts'
import {
  detailOf,
  ListedProvider,
  listedOf,
  ProviderDetail,
  ProviderStep,
  stepOf,
} from '../http/provider-view.ts'

const PROVIDERS_MAX_AGE_SECONDS = 60

const limit = z.coerce.number().int().min(1).max(PAGE_ITEMS_MAX).default(100)
const Code = z.strictObject({ code: z.string().min(1).max(6) })

const ProviderPage = z
  .object({ items: z.array(ListedProvider), next: z.string().nullable() })
  .openapi('ProviderPage')
const ProviderHistory = z
  .object({ items: z.array(ProviderStep), next: z.number().int().nullable() })
  .openapi('ProviderHistory')

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
      limit,
    }),
  },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: ProviderPage } } },
    ...problems('request-invalid', 'code-malformed', 'internal'),
  },
})

const readRoute = createRoute({
  method: 'get',
  path: '/v1/providers/{code}',
  summary: 'One provider as it stands, by its verified life',
  ...PUBLIC,
  request: { params: Code },
  responses: {
    200: { description: 'The provider', content: { 'application/json': { schema: ProviderDetail } } },
    ...problems('request-invalid', 'code-malformed', 'entity-unknown', 'decision-unproven', 'internal'),
  },
})

const historyRoute = createRoute({
  method: 'get',
  path: '/v1/providers/{code}/history',
  summary: 'What happened to a provider since its assignment, each step with the decision behind it',
  ...PUBLIC,
  request: {
    params: Code,
    query: z.strictObject({
      after: z.coerce
        .number()
        .int()
        .min(0)
        .default(0)
        .openapi({ description: 'number of a step; `next` of the page before' }),
      limit,
    }),
  },
  responses: {
    200: { description: 'Steps, oldest first', content: { 'application/json': { schema: ProviderHistory } } },
    ...problems('request-invalid', 'code-malformed', 'entity-unknown', 'decision-unproven', 'internal'),
  },
})

/** `GET /v1/providers` and what stands below it. */
export function providerRoutes(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  return createRoutes()
    .openapi(listRoute, async (c) => {
      const { after, limit: most } = c.req.valid('query')
      const { lives, next } = await listProviders(deps, { after, limit: most })
      const page: z.infer<typeof ProviderPage> = {
        items: lives.map((life) => listedOf(deps.prefix, life)),
        next: next === null ? null : formatSegment(next),
      }
      return sendCacheableJson(c, page, PROVIDERS_MAX_AGE_SECONDS)
    })
    .openapi(readRoute, async (c) => {
      const detail = detailOf(deps.prefix, await readProviderLife(deps, c.req.valid('param').code))
      return sendCacheableJson(c, detail, PROVIDERS_MAX_AGE_SECONDS)
    })
    .openapi(historyRoute, async (c) => {
      const { steps, next } = await listSteps(deps, c.req.valid('param').code, c.req.valid('query'))
      const page: z.infer<typeof ProviderHistory> = { items: steps.map(stepOf), next }
      return sendCacheableJson(c, page, PROVIDERS_MAX_AGE_SECONDS)
    })
}
