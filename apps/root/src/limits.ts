import { BODY_BYTES_MAX, type RateLimit } from '@arc3088/service'

import type { RootDeps } from './deps.ts'

const SECONDS_AN_HOUR = 3600

/** Most items of a page. */
export const PAGE_ITEMS_MAX = 1000

/** How often one network address may apply: nobody needs it twice, and the desk must be able to keep up. */
export function applicationRate(deps: RootDeps): RateLimit {
  return { name: 'provider-applications', requests: deps.applicationsPerHour, perSeconds: SECONDS_AN_HOUR }
}

/** What `/v1/limits` serves: the very figures in force. */
export function limitsInForce(deps: RootDeps) {
  return {
    body_bytes: BODY_BYTES_MAX,
    page_items: PAGE_ITEMS_MAX,
    rates: [applicationRate(deps)].map(({ name, requests, perSeconds }) => ({
      name,
      requests,
      per_seconds: perSeconds,
    })),
  }
}
