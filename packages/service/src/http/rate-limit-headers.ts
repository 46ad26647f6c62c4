import type { ProblemExtra } from '@arc3088/problems'

/** So many requests from one network in so many seconds. Served at `/v1/limits`, from the constants in force. */
export interface RateLimit {
  readonly name: string
  readonly requests: number
  readonly perSeconds: number
}

/** What a `rate-limited` refusal tells beyond its code. */
export function rateLimitExtra(
  { name, requests, perSeconds }: RateLimit,
  retryAfterSeconds: number,
): ProblemExtra {
  return { limit: name, requests, per_seconds: perSeconds, retry_after_seconds: retryAfterSeconds }
}

/** `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers): what is allowed, and what is left of it. */
export function rateLimitFields(
  { name, requests, perSeconds }: RateLimit,
  left: { requests: number; seconds: number },
): { 'ratelimit-policy': string; ratelimit: string } {
  return {
    'ratelimit-policy': `"${name}";q=${requests};w=${perSeconds}`,
    ratelimit: `"${name}";r=${left.requests};t=${left.seconds}`,
  }
}

/** The same headers for a refusal, from what it tells. */
export function rateLimitHeaders(extra: ProblemExtra): Record<string, string> {
  const { limit: name, requests, per_seconds: perSeconds, retry_after_seconds: seconds } = extra
  if (typeof name !== 'string' || typeof requests !== 'number' || typeof perSeconds !== 'number') return {}
  return rateLimitFields(
    { name, requests, perSeconds },
    { requests: 0, seconds: typeof seconds === 'number' ? seconds : perSeconds },
  )
}
