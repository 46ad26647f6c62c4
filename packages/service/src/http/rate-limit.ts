import { RegistryError } from '@arc3088/problems'
import type { HttpBindings } from '@hono/node-server'
import { createMiddleware } from 'hono/factory'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

import type { ServiceEnv } from './service-app.ts'

/** So many requests from one address in so many seconds. Served at `/v1/limits`, from the constants in force. */
export interface RateLimit {
  readonly name: string
  readonly requests: number
  readonly perSeconds: number
}

/**
 * Refuses with `rate-limited` past the limit, which is read at the first request. Counts by network address: for
 * doors that need no credential.
 */
export function limitRate(readLimit: () => RateLimit) {
  let inForce: { limit: RateLimit; limiter: RateLimiterMemory } | undefined
  return createMiddleware<ServiceEnv & { Bindings: Partial<HttpBindings> }>(async (c, next) => {
    const { limit, limiter } = (inForce ??= enforce(readLimit()))
    const address = c.env.incoming?.socket.remoteAddress ?? 'unknown'
    const policy = `"${limit.name}";q=${limit.requests};w=${limit.perSeconds}`
    try {
      const state = await limiter.consume(address)
      await next()
      c.header('ratelimit-policy', policy)
      c.header(
        'ratelimit',
        `"${limit.name}";r=${state.remainingPoints};t=${Math.ceil(state.msBeforeNext / 1000)}`,
      )
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error
      const retryAfterSeconds = Math.max(1, Math.ceil(error.msBeforeNext / 1000))
      throw new RegistryError('rate-limited', `At most ${limit.requests} requests in ${limit.perSeconds} s`, {
        extra: { limit: limit.name, retry_after_seconds: retryAfterSeconds },
      })
    }
  })
}

function enforce(limit: RateLimit): { limit: RateLimit; limiter: RateLimiterMemory } {
  return { limit, limiter: new RateLimiterMemory({ points: limit.requests, duration: limit.perSeconds }) }
}
