import { createMiddleware } from 'hono/factory'

import { demandPermission } from '../permissions.ts'
import type { ServiceEnv } from './service-env.ts'

/**
 * What a route spreads into its definition to say which action of the authorisation table it is. The action
 * also stands in the OpenAPI document (`x-action`), from which a test walks every route × role.
 */
export function guard<Action extends string>(action: Action) {
  return {
    'x-action': action,
    security: [{ token: [] }],
    middleware: createMiddleware<ServiceEnv>(async (c, next) => {
      const { authenticate, permissions } = c.get('service')
      const principal = await authenticate(c.req.header('authorization'))
      demandPermission(permissions, action, principal)
      c.set('principal', principal)
      await next()
    }),
  }
}

/** For a route that anybody may call: no credential is read, so none can be wrong. */
export const PUBLIC = { 'x-action': 'public', security: [] as { token: string[] }[] }
