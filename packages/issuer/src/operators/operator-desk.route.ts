import type { ServiceEnv } from '@arc3088/service'
import type { OpenAPIHono } from '@hono/zod-openapi'

import { deskOperatorRoutes } from './desk-operator.route.ts'
import { deskSessionRoutes } from './desk-session.route.ts'
import { deskTokenRoutes } from './desk-token.route.ts'
import type { OperatorDesk } from './operator-desk.ts'

/**
 * What every desk has: who asks, tokens, sessions, the people of the desk. The node's table names `desk:self`,
 * `token:create`, `operator:read` and `operator:manage`.
 */
export function operatorDeskRoutes(desk: () => OperatorDesk): OpenAPIHono<ServiceEnv>[] {
  return [deskTokenRoutes(desk), deskSessionRoutes(desk), deskOperatorRoutes(desk)]
}
