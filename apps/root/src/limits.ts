import { CHECKPOINT_RATE, SESSION_RATE } from '@arc3088/issuer'
import { BODY_BYTES_MAX, PAGE_ITEMS_MAX, type RateLimit, type ServiceLimits } from '@arc3088/service'

import type { RootDeps } from './deps.ts'

const SECONDS_AN_HOUR = 3600

/** How often one network address may apply: nobody needs it twice, and the desk must be able to keep up. */
export function applicationRate(deps: RootDeps): RateLimit {
  return { name: 'provider-applications', requests: deps.applicationsPerHour, perSeconds: SECONDS_AN_HOUR }
}

/** How often one network address may ask about applications of its own, complete or withdraw them. */
export const APPLICANT_REQUEST_RATE: RateLimit = {
  name: 'applicant-requests',
  requests: 600,
  perSeconds: SECONDS_AN_HOUR,
}

/** How often one network address may tell of keys: a provider does so a few times a year. */
export const PROVIDER_KEY_RATE: RateLimit = {
  name: 'provider-keys',
  requests: 600,
  perSeconds: SECONDS_AN_HOUR,
}

/** How often one network address may acknowledge advisories: once for each version that concerns it, and its retries. */
export const ACKNOWLEDGEMENT_RATE: RateLimit = {
  name: 'advisory-acknowledgements',
  requests: 600,
  perSeconds: SECONDS_AN_HOUR,
}

/** What `/v1/limits` serves: the very figures in force. */
export function limitsInForce(deps: RootDeps): ServiceLimits {
  return {
    bodyBytes: BODY_BYTES_MAX,
    pageItems: PAGE_ITEMS_MAX,
    rates: [
      applicationRate(deps),
      APPLICANT_REQUEST_RATE,
      PROVIDER_KEY_RATE,
      ACKNOWLEDGEMENT_RATE,
      SESSION_RATE,
      CHECKPOINT_RATE,
      ...(deps.clients?.reads === undefined ? [] : [deps.clients.reads]),
    ],
  }
}
