import { RegistryError } from '@arc3088/problems'
import type { HttpBindings } from '@hono/node-server'
import { createMiddleware } from 'hono/factory'
import ipaddr from 'ipaddr.js'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

import { rateLimitExtra, rateLimitFields, type RateLimit } from './rate-limit-headers.ts'
import type { ServiceEnv } from './service-env.ts'

export type { RateLimit } from './rate-limit-headers.ts'

/**
 * Refuses with `rate-limited` past the limit, which is read at the first request. Counts by network: for doors that
 * need no credential. Behind a proxy every caller is the proxy, and its own limits are the ones that count.
 */
export function limitRate(readLimit: () => RateLimit) {
  let inForce: { limit: RateLimit; limiter: RateLimiterMemory } | undefined
  return createMiddleware<ServiceEnv & { Bindings: Partial<HttpBindings> }>(async (c, next) => {
    const { limit, limiter } = (inForce ??= enforce(readLimit()))
    // An app that is called without a socket (in a test) has no bindings at all.
    const env: Partial<HttpBindings> | undefined = c.env
    const state = await consume(limiter, networkOf(env?.incoming?.socket.remoteAddress))
    const seconds = Math.max(1, Math.ceil(state.msBeforeNext / 1000))
    if (!state.isWithin) {
      throw new RegistryError('rate-limited', `At most ${limit.requests} requests in ${limit.perSeconds} s`, {
        extra: rateLimitExtra(limit, seconds),
      })
    }
    await next()
    const fields = rateLimitFields(limit, { requests: state.remainingPoints, seconds })
    for (const [name, value] of Object.entries(fields)) c.res.headers.set(name, value)
  })
}

/** One IPv4 address, or the /64 of an IPv6 one: whoever has one address of that network has all of them. */
export function networkOf(address: string | undefined): string {
  if (address === undefined || !ipaddr.isValid(address)) return 'unknown'
  const parsed = ipaddr.process(address)
  return parsed instanceof ipaddr.IPv6
    ? `${parsed.parts
        .slice(0, 4)
        .map((part) => part.toString(16))
        .join(':')}::/64`
    : parsed.toString()
}

function enforce(limit: RateLimit): { limit: RateLimit; limiter: RateLimiterMemory } {
  return { limit, limiter: new RateLimiterMemory({ points: limit.requests, duration: limit.perSeconds }) }
}

/** The library says "too many" by throwing its state. */
async function consume(
  limiter: RateLimiterMemory,
  key: string,
): Promise<{ isWithin: boolean; remainingPoints: number; msBeforeNext: number }> {
  try {
    const { remainingPoints, msBeforeNext } = await limiter.consume(key)
    return { isWithin: true, remainingPoints, msBeforeNext }
  } catch (state) {
    if (!(state instanceof RateLimiterRes)) throw state
    return { isWithin: false, remainingPoints: 0, msBeforeNext: state.msBeforeNext }
  }
}
