import {
  COMMON_PROBLEMS,
  createRoutes,
  guard,
  PAGE_QUERY,
  pageResponse,
  problems,
  toPage,
  type ServiceEnv,
} from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { AuditEntry } from './audit-entry.ts'

const AuditItem = z.object({
  id: z.uuid(),
  at: z.iso.datetime(),
  actor: z.string(),
  act: z.string(),
  object: z.string(),
  reason: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
})

const auditRoute = createRoute({
  method: 'get',
  path: '/v1/desk/audit',
  summary: 'The audit trail, newest first',
  ...guard('audit:read'),
  request: {
    query: z.strictObject({
      object: z.string().min(1).max(200).optional(),
      ...PAGE_QUERY,
    }),
  },
  responses: {
    200: pageResponse('AuditPage', AuditItem),
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
    return c.json(toPage(items, limit), 200)
  })
}
