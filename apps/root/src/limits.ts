import { BODY_BYTES_MAX, type RateLimit } from '@arc3088/service'

/** How often one network address may apply: nobody needs it twice, and the desk must be able to keep up. */
export const APPLICATION_RATE: RateLimit = { name: 'provider-applications', requests: 60, perSeconds: 3600 }

/** What `/v1/limits` serves: the very constants in force. */
export const ROOT_LIMITS = {
  body_bytes: BODY_BYTES_MAX,
  page_items: 1000,
  rates: [APPLICATION_RATE].map(({ name, requests, perSeconds }) => ({
    name,
    requests,
    per_seconds: perSeconds,
  })),
} as const
