import { RegistryError } from '@arc3088/problems'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'

import type { ServiceEnv } from './service-env.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** What a page may send along: how it wants an answer, what it has of it already, where it left off, a body's type. */
const PREFLIGHT_HEADERS = 'accept, if-none-match, last-event-id, content-type'
const PREFLIGHT_SECONDS = '86400'

/**
 * Answers a request that no route takes: OPTIONS with what the path does take; anything else is refused with
 * `method-not-allowed` where another method would do, and with `route-not-found` where none would.
 *
 * A page of any origin may ask for what is for everybody (the Fetch standard's preflight); not for what needs a credential.
 *
 * @throws RegistryError
 */
export function answerUnserved(app: OpenAPIHono<ServiceEnv>, c: Context<ServiceEnv>): Response {
  const { method, path } = c.req
  const served = METHODS.flatMap((candidate) => {
    const found = app.router.match(candidate, path)[0].find(([[, route]]) => route.method === candidate)
    return found === undefined ? [] : [{ method: candidate, path: found[0][1].path }]
  })
  const allow = [...withHead(served.map((route) => route.method)), 'OPTIONS']
  if (served.length === 0) throw new RegistryError('route-not-found', `${method} ${path} is not served here`)
  if (method !== 'OPTIONS')
    throw new RegistryError('method-not-allowed', `${path} takes ${allow.join(', ')}`, { extra: { allow } })
  const open = served.filter((route) => !isGuarded(app, route)).map((route) => route.method)
  return new Response(null, {
    status: 204,
    headers: { allow: allow.join(', '), ...(open.length === 0 ? {} : preflightHeaders(open)) },
  })
}

function preflightHeaders(open: readonly string[]): Record<string, string> {
  return {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': withHead(open).join(', '),
    'access-control-allow-headers': PREFLIGHT_HEADERS,
    'access-control-max-age': PREFLIGHT_SECONDS,
  }
}

/** RFC 9110 section 9.3.2: whatever can be got can be asked for without its body. */
function withHead(methods: readonly string[]): string[] {
  return methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
}

/** True for what the contract says is asked with a credential. */
function isGuarded(
  app: OpenAPIHono<ServiceEnv>,
  { method, path }: { method: string; path: string },
): boolean {
  return app.openAPIRegistry.definitions.some(
    (definition) =>
      definition.type === 'route' &&
      definition.route.method.toUpperCase() === method &&
      definition.route.path.replaceAll(/\{(\w+)\}/g, ':$1') === path &&
      (definition.route.security ?? []).length > 0,
  )
}
