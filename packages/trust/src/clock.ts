import type { NumericDate, TimeFault } from '@arc3088/records'
import { CLOCK_SKEW_SECONDS, timeFault } from '@arc3088/records'

import type { Finding } from './findings.ts'

/** The instant judged at, and how far a signer's clock may run ahead of ours. */
export interface Clock {
  readonly at: NumericDate
  /** The instant that was asked about, where it is another: documents are judged at `at`, what they say is of then. */
  readonly asOf?: NumericDate
  readonly skewSeconds: number
}

export function clockAt(
  at: NumericDate,
  { skewSeconds = CLOCK_SKEW_SECONDS, asOf }: { skewSeconds?: number; asOf?: NumericDate } = {},
): Clock {
  return { at, skewSeconds, ...(asOf === undefined ? {} : { asOf }) }
}

const DETAIL: Record<TimeFault, (times: { iat?: number; nbf?: number; exp?: number }) => string> = {
  expired: ({ exp }) => `expired at ${exp}`,
  'issued-in-future': ({ iat }) => `issued at ${iat}, which is still to come`,
  'not-yet-valid': ({ nbf }) => `not good before ${nbf}`,
}

/** The dates of a document as a finding: past its expiry it is stale, from the future it is wrong. */
export function timeFinding(
  times: { readonly iat?: NumericDate; readonly nbf?: NumericDate; readonly exp?: NumericDate },
  { at, skewSeconds }: Clock,
  subject: string,
): Finding | undefined {
  const fault = timeFault(times, at, skewSeconds)
  if (fault === undefined) return undefined
  const verdict = fault === 'expired' ? 'stale' : 'chain-invalid'
  return { verdict, code: fault, detail: DETAIL[fault](times), subject }
}
