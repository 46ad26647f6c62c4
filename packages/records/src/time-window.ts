import { CLOCK_SKEW_SECONDS } from './claims.ts'
import type { NumericDate } from './claims.ts'

export type TimeFault = 'expired' | 'issued-in-future' | 'not-yet-valid'

/**
 * Judges the times of a document at the instant `at`. The tolerance is for a signer whose clock runs ahead of ours; an
 * expiry is never stretched, so that a stated `valid_until` means what it says.
 */
export function timeFault(
  { iat, nbf, exp }: { readonly iat?: NumericDate; readonly nbf?: NumericDate; readonly exp?: NumericDate },
  at: NumericDate,
  clockSkewSeconds: number = CLOCK_SKEW_SECONDS,
): TimeFault | undefined {
  if (iat !== undefined && iat > at + clockSkewSeconds) return 'issued-in-future'
  if (nbf !== undefined && nbf > at + clockSkewSeconds) return 'not-yet-valid'
  return exp !== undefined && at > exp ? 'expired' : undefined
}
