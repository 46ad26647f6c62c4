import { RegistryError } from '@arc3088/problems'
import { OpenAPIHono } from '@hono/zod-openapi'
import { bodyLimit } from 'hono/body-limit'

import type { Ambient } from '../ambient.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { PermissionTable } from '../permissions.ts'
import type { Authenticate, Principal } from '../principal.ts'
import { renderProblem } from './render-error.ts'
import { refuseInvalidRequest } from './validation.ts'

/** What every route of every service can read from its context. */
export interface ServiceEnv {
  Variables: {
    service: ServiceDeps
    principal: Principal
  }
}

/** The parts that the door of a service is made of. */
export interface ServiceDeps {
  readonly ambient: Ambient
  readonly log: Log
  readonly metrics: Metrics
  readonly authenticate: Authenticate
  readonly permissions: PermissionTable
}

/** Largest request body unless a route says otherwise; an ontology description is the largest thing sent by people. */
export const BODY_BYTES_MAX = 256 * 1024

/** A router whose validation faults are this project's refusals. Every `*.route.ts` starts with one. */
export function createRoutes(): OpenAPIHono<ServiceEnv> {
  return new OpenAPIHono<ServiceEnv>({ defaultHook: refuseInvalidRequest })
}

/**
 * The outermost app of a service: bounds bodies, renders every error as RFC 9457 and counts what it served.
 * Federation routes are mounted on it with a renderer of their own.
 */
export function createServiceApp(deps: ServiceDeps): OpenAPIHono<ServiceEnv> {
  const app = createRoutes()
  app.use(async (c, next) => {
    c.set('service', deps)
    const startedAt = deps.ambient.now().getTime()
    await next()
    c.header('x-content-type-options', 'nosniff')
    deps.metrics.requestServed(c.req.method, c.res.status, deps.ambient.now().getTime() - startedAt)
  })
  app.use(
    bodyLimit({
      maxSize: BODY_BYTES_MAX,
      onError: () => {
        throw new RegistryError('body-too-large', `A body holds at most ${BODY_BYTES_MAX} bytes`)
      },
    }),
  )
  app.onError((error, c) => renderProblem(error, c, deps.log))
  app.notFound((c) =>
    renderProblem(
      new RegistryError('route-not-found', `${c.req.method} ${c.req.path} is not served here`),
      c,
      deps.log,
    ),
  )
  return app
}
