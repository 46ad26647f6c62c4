import { RegistryError } from '@arc3088/problems'
import { createMiddleware } from 'hono/factory'

import type { ServiceEnv } from './service-env.ts'

/**
 * For a path with a colon inside a segment, such as `/instances:bulk`: the router takes what follows the colon for a
 * parameter, so that other words would match too. Stands before the guard: elsewhere is nothing, for anybody.
 */
export function servedOnlyAt(ending: string) {
  return createMiddleware<ServiceEnv>(async (c, next) => {
    if (c.req.path.endsWith(ending)) return await next()
    throw new RegistryError('route-not-found', `${c.req.method} ${c.req.path} is not served here`)
  })
}
