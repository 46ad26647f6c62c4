import type { RouteConfig } from '@hono/zod-openapi'

/**
 * Promises 304 in the contract of every route that anybody may get: all of them are sent as `sendCacheable` does, except
 * for a stream of events, which nobody holds.
 */
export function withNotModified<Route extends RouteConfig>(route: Route): Route {
  const isPublic = route.security?.length === 0
  const ok = route.responses[200]
  const isEvents = ok !== undefined && 'content' in ok && 'text/event-stream' in (ok.content ?? {})
  if (route.method !== 'get' || !isPublic || isEvents) return route
  const responses = { 304: { description: 'It is as the caller has it (If-None-Match)' }, ...route.responses }
  return { ...route, responses }
}
