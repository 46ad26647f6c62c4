import { RegistryError } from '@arc3088/problems'
import { OpenAPIHono } from '@hono/zod-openapi'

import { BODY_BYTES_MAX, boundBody } from './body-bound.ts'
import { limitReads } from './client-policy.ts'
import { withDeclaredBody } from './declared-body.ts'
import { withNotModified } from './not-modified.ts'
import { mountProblemPages } from './problem-page.route.ts'
import { renderError } from './render-error.ts'
import type { ServiceDeps, ServiceEnv } from './service-env.ts'
import { answerUnserved } from './unserved.ts'
import { refuseInvalidRequest } from './validation.ts'

/** What a service may set differently. */
export interface ServiceOptions {
  /** Most bytes of a body, by the path it is sent to; BODY_BYTES_MAX everywhere unless set. Infinity: the route's own. */
  readonly bodyBytesMax?: (path: string) => number
  /** True for a fault that passes by itself, such as a database that is away: it is said as `service-unavailable`. */
  readonly isTransient?: (error: unknown) => boolean
  /** Asked before every request that may write; throws where the service only reads now. */
  readonly demandWritable?: () => void
}

/**
 * A router whose validation faults are this project's refusals, and whose declared JSON bodies are parsed strictly.
 * Every `*.route.ts` starts with one.
 */
export function createRoutes(): OpenAPIHono<ServiceEnv> {
  const routes = new OpenAPIHono<ServiceEnv>({ defaultHook: refuseInvalidRequest })
  const openapi = routes.openapi
  routes.openapi = (route, ...handlers) => openapi(withNotModified(withDeclaredBody(route)), ...handlers)
  return routes
}

/** RFC 9110 section 9.2.1: methods by which nobody asks for a change. */
const READING_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * The outermost app of a service: bounds bodies, renders every error (below `/federation/` in OpenID Federation's
 * words, at the witness in plain text, else as RFC 9457) and counts what it served.
 */
export function createServiceApp(deps: ServiceDeps, options: ServiceOptions = {}): OpenAPIHono<ServiceEnv> {
  const { ambient, log, metrics } = deps
  const app = createRoutes()
  app.use(async (c, next) => {
    c.set('service', deps)
    const startedAt = ambient.now().getTime()
    try {
      await next()
    } catch (thrown) {
      // The router renders every Error; what comes as far as here was thrown without being one.
      c.res = renderError(new Error(`What was thrown is no Error: ${String(thrown)}`), c, log)
    }
    metrics.requestServed(c.req.method, c.res.status, ambient.now().getTime() - startedAt)
  })
  if (deps.clients?.reads !== undefined) app.use(limitReads(deps.clients.reads))
  app.use(boundBody(options.bodyBytesMax ?? (() => BODY_BYTES_MAX)))
  app.use(async (c, next) => {
    if (!READING_METHODS.has(c.req.method)) options.demandWritable?.()
    await next()
  })
  mountProblemPages(app)
  app.onError((error, c) => {
    const isTransient = options.isTransient?.(error) ?? false
    return renderError(isTransient ? comeAgain(error) : error, c, log)
  })
  app.notFound((c) => answerUnserved(app, c))
  return app
}

function comeAgain(cause: Error): RegistryError {
  return new RegistryError('service-unavailable', 'The node cannot do this right now; send it again', {
    cause,
    extra: { retry_after_seconds: 1 },
  })
}
