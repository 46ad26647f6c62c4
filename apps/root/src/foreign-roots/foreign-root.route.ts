import { COMMON_PROBLEMS, createRoutes, guard, problems, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { RootDeps } from '../deps.ts'
import type { RootAction } from '../permissions.ts'
import { readForeignRoots } from './read-foreign-roots.ts'

const ForeignRootView = z
  .object({
    entity_id: z.url(),
    territory: z.string(),
    code_prefixes: z.array(z.string()),
    pinned: z.boolean(),
    decision: z.string().openapi({ description: 'the hash of the last decision about it' }),
    decided_at: z.iso.datetime(),
    key_set: z.object({ seq: z.int(), exp: z.int(), federation: z.array(z.string()) }),
    tlog: z
      .string()
      .nullable()
      .openapi({ description: 'the origin of its log, where it names one that is its own' }),
  })
  .openapi('ForeignRoot')

const listRoute = createRoute({
  method: 'get',
  path: '/v1/desk/foreign-roots',
  summary: 'Every other root that was ever pinned, with the newest of its key sets that is known',
  ...guard<RootAction>('agreement:read'),
  responses: {
    200: {
      description: 'The roots, by entity identifier',
      content: {
        'application/json': {
          schema: z.object({ items: z.array(ForeignRootView) }).openapi('ForeignRoots'),
        },
      },
    },
    ...problems(...COMMON_PROBLEMS, 'decision-unproven'),
  },
})

/** `GET /v1/desk/foreign-roots`. */
export function foreignRootRoutes(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  return createRoutes().openapi(listRoute, async (c) => {
    const roots = await readForeignRoots(deps)
    const items = roots.map(({ root, keySet, origin }) => ({
      entity_id: root.entityId,
      territory: root.territory,
      code_prefixes: [...root.codePrefixes],
      pinned: root.pinned,
      decision: root.decision,
      decided_at: root.decidedAt.toISOString(),
      key_set: { seq: keySet.seq, exp: keySet.exp, federation: keySet.keys.federation.map(({ kid }) => kid) },
      tlog: origin ?? null,
    }))
    return c.json({ items }, 200)
  })
}
