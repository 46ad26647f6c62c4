import { issuerTables, readDecisionByHash } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { Base64urlSha256, GeneralJws } from '@arc3088/records'
import {
  COMMON_PROBLEMS,
  createRoutes,
  problems,
  PUBLIC,
  sendCacheable,
  sendCacheableJson,
  type ServiceEnv,
} from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { RootDeps } from '../deps.ts'

const SETS_MAX_AGE_SECONDS = 60
/** A decision never changes. */
const DECISION_MAX_AGE_SECONDS = 86_400

const DecisionView = z
  .object({
    decision: GeneralJws,
    kind: z.string(),
    payload: z.record(z.string(), z.unknown()),
    decided_at: z.iso.datetime(),
  })
  .openapi('Decision')

const setsRoute = createRoute({
  method: 'get',
  path: '/v1/officer-sets',
  summary: 'Who may decide, as keys: every officer set, oldest first, as signed (wire-format W12)',
  ...PUBLIC,
  responses: {
    200: {
      description: 'The sets',
      content: { 'application/json': { schema: z.object({ officer_sets: z.array(z.string()) }) } },
    },
    ...problems('officers-not-enrolled', 'decision-unproven', 'internal'),
  },
})

const decisionRoute = createRoute({
  method: 'get',
  path: '/v1/decisions/{hash}',
  summary: 'What officers decided, with their signatures: anybody can check that as many decided as must',
  ...PUBLIC,
  request: { params: z.strictObject({ hash: Base64urlSha256 }) },
  responses: {
    200: {
      description: 'The decision and the proposal that its hash is of',
      content: {
        'application/json': {
          schema: DecisionView,
        },
      },
    },
    ...problems(...COMMON_PROBLEMS, 'decision-not-found', 'decision-unproven'),
  },
})

/** What an outsider needs to check who decided. */
export function decisionRoutes(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  return createRoutes()
    .openapi(setsRoute, async (c) => {
      const sets = await deps.decisions.sets()
      return sendCacheableJson(c, { officer_sets: sets.map(({ jws }) => jws) }, SETS_MAX_AGE_SECONDS)
    })
    .openapi(decisionRoute, async (c) => {
      const { hash } = c.req.valid('param')
      const stored = await readDecisionByHash(issuerTables(deps.node.db), hash)
      if (stored === undefined) throw new RegistryError('decision-not-found', `There is no decision ${hash}`)
      const { kind, payload, decidedAt } = await deps.decisions.demand(stored.proposalId, stored.kind)
      const body: z.infer<typeof DecisionView> = {
        decision: stored.jws,
        kind,
        payload: { ...payload },
        decided_at: decidedAt.toISOString(),
      }
      return sendCacheable(c, {
        body: JSON.stringify(body),
        etag: `"${hash}"`,
        mediaType: 'application/json',
        maxAgeSeconds: DECISION_MAX_AGE_SECONDS,
        immutable: true,
      }) as never
    })
}
