import { formatSegment } from '@arc3088/codec'
import { COMMON_PROBLEMS, createRoutes, guard, problems, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { RootDeps } from '../deps.ts'
import { PageNumber } from '../http/list-page.ts'
import type { RootAction } from '../permissions.ts'
import { AdvisoryStandingView, ProviderStandingsView, viewEntry } from '../http/advisory-view.ts'
import { prefixOf } from '../providers/provider-lives.ts'
import { withUri } from './read-advisories.ts'
import { readProviderStandings, readStandings } from './read-standing.ts'

const listRoute = createRoute({
  method: 'get',
  path: '/v1/desk/advisories',
  summary: 'Advisories, newest first, with how many of the providers concerned have acknowledged',
  ...guard<RootAction>('advisory:read'),
  request: { query: z.strictObject({ page: PageNumber }) },
  responses: {
    200: {
      description: 'A page',
      content: {
        'application/json': {
          schema: z
            .object({
              page: z.number().int(),
              pages: z.number().int(),
              items: z.array(AdvisoryStandingView),
            })
            .openapi('AdvisoryStandingPage'),
        },
      },
    },
    ...problems(...COMMON_PROBLEMS),
  },
})

const readRoute = createRoute({
  method: 'get',
  path: '/v1/desk/advisories/{id}',
  summary: 'An advisory with every provider concerned: who has acknowledged, who has not, since when',
  ...guard<RootAction>('advisory:read'),
  request: { params: z.strictObject({ id: z.uuidv7().regex(/^[0-9a-f-]+$/) }) },
  responses: {
    200: { description: 'The standing', content: { 'application/json': { schema: ProviderStandingsView } } },
    ...problems(...COMMON_PROBLEMS, 'advisory-not-found', 'decision-unproven'),
  },
})

/** `GET /v1/desk/advisories` and `GET /v1/desk/advisories/{id}`. */
export function advisoryDeskRoutes(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  return createRoutes()
    .openapi(listRoute, async (c) => {
      const { page, pages, items } = await readStandings(deps, c.req.valid('query').page)
      const views = items.map(({ entry, concerned, acknowledged }) => ({
        ...viewEntry(withUri(deps, entry)),
        concerned,
        acknowledged,
        outstanding: Math.max(0, concerned - acknowledged),
      }))
      return c.json({ page, pages, items: views }, 200)
    })
    .openapi(readRoute, async (c) => {
      const { advisory, hash, providers } = await readProviderStandings(deps, c.req.valid('param').id)
      const { sub, iat, version, state, kind, severity, title, summary, affected } = advisory
      const by = advisory.acknowledge_by
      return c.json(
        {
          id: sub,
          version,
          hash,
          state,
          kind,
          severity,
          title,
          summary,
          affected,
          published_at: new Date(iat * 1000).toISOString(),
          acknowledge_by: by === undefined ? null : new Date(by * 1000).toISOString(),
          providers: providers.map(({ provider, state: standing, since }) => ({
            code: formatSegment(provider.code),
            code_prefix: prefixOf(deps.prefix, provider.code),
            entity_id: provider.entityId,
            name: provider.organization.name,
            state: standing,
            since: since.toISOString(),
          })),
        },
        200,
      )
    })
}
