import { CHECKPOINT_RATE, SESSION_RATE } from '@arc3088/issuer'
import { BODY_BYTES_MAX, PAGE_ITEMS_MAX, type RateLimit, type ServiceLimits } from '@arc3088/service'

import type { ProviderDeps } from './deps.ts'
import {
  BULK_LINE_BYTES_MAX,
  BULK_LINES_MAX,
  BULK_STREAMS_PER_REQUESTER_MAX,
} from './instances/bulk-limits.ts'

const SECONDS_AN_HOUR = 3600

/** How often one network address may apply: nobody needs it often, and the desk must be able to keep up. */
export function applicationRate(deps: ProviderDeps): RateLimit {
  return { name: 'requester-applications', requests: deps.applicationsPerHour, perSeconds: SECONDS_AN_HOUR }
}

/** What `/v1/limits` serves: the very figures in force. */
export function limitsInForce(deps: ProviderDeps): ServiceLimits {
  return {
    bodyBytes: BODY_BYTES_MAX,
    pageItems: PAGE_ITEMS_MAX,
    rates: [
      applicationRate(deps),
      SESSION_RATE,
      CHECKPOINT_RATE,
      ...(deps.clients?.reads === undefined ? [] : [deps.clients.reads]),
    ],
    bulk: {
      lineBytes: BULK_LINE_BYTES_MAX,
      lines: BULK_LINES_MAX,
      streams: BULK_STREAMS_PER_REQUESTER_MAX,
    },
  }
}
