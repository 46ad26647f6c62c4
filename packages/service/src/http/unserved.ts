import { RegistryError } from '@arc3088/problems'
import type { Context, Hono } from 'hono'

import type { ServiceEnv } from './service-env.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** The refusal of a request that no route takes: `method-not-allowed` where another method would do, else `route-not-found`. */
export function refuseUnserved(app: Hono<ServiceEnv>, c: Context<ServiceEnv>): RegistryError {
  const { method, path } = c.req
  const allow = METHODS.filter((candidate) =>
    app.router.match(candidate, path)[0].some(([[, route]]) => route.method === candidate),
  ).flatMap((candidate) => (candidate === 'GET' ? ['GET', 'HEAD'] : [candidate]))
  return allow.length === 0
    ? new RegistryError('route-not-found', `${method} ${path} is not served here`)
    : new RegistryError('method-not-allowed', `${path} takes ${allow.join(', ')}`, { extra: { allow } })
}
