import { COMMON_PROBLEMS, createRoutes, guard, problems, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { AuditEntry } from './audit-entry.ts'

const PAGE_ITEMS_MAX = 1000

const AuditPage = z
  .object({
    items: z.array(
      z.object({
        id: z.uuid(),
        at: z.iso.datetime(),
        actor: z.string(),
        act: z.string(),
        object: z.string(),
        reason: z.string().nullable(),
        detail: z.record(z.string(), z.unknown()),
      }),
    ),
    next: z.uuid().nullable(),
  })
  .openapi('AuditPage')

const auditRoute = createRoute({
  method: 'get',
  path: '/v1/desk/audit',
  summary: 'The audit trail, newest first',
  ...guard('audit:read'),
  request: {
    query: z.strictObject({
      object: z.string().min(1).max(200).optional(),
      before: z.uuid().optional(),
      limit: z.coerce.number().int().min(1).max(PAGE_ITEMS_MAX).default(100),
    }),
  },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: AuditPage } } },
    ...problems(...COMMON_PROBLEMS),
  },
})

/** Reads a page of the trail, newest first. */
export type ReadAuditPage = (page: {
  object?: string
  before?: string
  limit: number
}) => Promise<readonly AuditEntry[]>

/** `GET /v1/desk/audit`, for whoever may `audit:read` by the node's own table. */
export function auditRoutes(readPage: ReadAuditPage): OpenAPIHono<ServiceEnv> {
  return createRoutes().openapi(auditRoute, async (c) => {
    const { object, before, limit } = c.req.valid('query')
    const entries = await readPage({
      limit,
      ...(object === undefined ? {} : { object }),
      ...(before === undefined ? {} : { before }),
    })
    const items = entries.map((entry) => ({
      ...entry,
      at: entry.at.toISOString(),
      detail: { ...entry.detail },
    }))
    return c.json({ items, next: items.length === limit ? (items.at(-1)?.id ?? null) : null }, 200)
  })
}
