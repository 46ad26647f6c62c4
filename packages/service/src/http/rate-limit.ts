import { RegistryError } from '@arc3088/problems'
import { createMiddleware } from 'hono/factory'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

import { networkOf } from './client-address.ts'
import { addressOf } from './client-policy.ts'
import { rateLimitExtra, rateLimitFields, type RateLimit } from './rate-limit-headers.ts'
import type { ServiceEnv } from './service-env.ts'

export type { RateLimit } from './rate-limit-headers.ts'

/**
 * Refuses with `rate-limited` past the limit, which is read at the first request. Counts by network: for doors that
 * need no credential. Behind a proxy that is not trusted (TRUSTED_PROXIES) every caller is the proxy.
 */
export function limitRate(readLimit: () => RateLimit) {
  let inForce: { limit: RateLimit; limiter: RateLimiterMemory } | undefined
  return createMiddleware<ServiceEnv>(async (c, next) => {
    const { limit, limiter } = (inForce ??= enforce(readLimit()))
    const state = await consume(limiter, networkOf(addressOf(c)))
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
