import type { RangeUse } from './numbering.store.ts'

/** How far a range is used, and when it will be used up at the pace of the last days. */
export interface Forecast {
  readonly size: number
  /** Undefined for a range whose numbers are chosen: nothing is leased of it. */
  readonly leased?: number
  readonly left?: number
  /** Leased numbers a day, over the last days or as long as there were any. */
  readonly leasedPerDay?: number
  /** Null where it lies beyond what can be said: nothing was leased lately, or not in a thousand years. */
  readonly exhaustedAt?: Date | null
}

/** Days that the pace is measured over. */
export const PACE_DAYS = 7
const DAY_MILLISECONDS = 86_400_000
/** A pace over less than this says more about the moment than about the range. */
const PACE_MILLISECONDS_MIN = 3_600_000
const FORESIGHT_DAYS_MAX = 365_250

/** Tells how long a range lasts at its present pace. Closed ranges give nothing, and so never end. */
export function forecastRange(use: RangeUse, now: Date): Forecast {
  const size = use.last - use.first + 1
  if (use.kind === 'chosen') return { size }
  const left = size - use.leased
  const observed = now.getTime() - (use.firstLeaseAt ?? now).getTime()
  const days = Math.min(PACE_DAYS, Math.max(observed, PACE_MILLISECONDS_MIN) / DAY_MILLISECONDS)
  const leasedPerDay = use.leasedSince / days
  const daysLeft = left / leasedPerDay
  const isForeseen = use.closed !== true && left > 0 && daysLeft <= FORESIGHT_DAYS_MAX
  return {
    size,
    leased: use.leased,
    left,
    leasedPerDay,
    exhaustedAt: isForeseen ? new Date(now.getTime() + daysLeft * DAY_MILLISECONDS) : null,
  }
}
