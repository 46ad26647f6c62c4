/** What one process remembers of a witness. */
export interface WitnessStanding {
  /** The size that it last cosigned, or said it had. */
  readonly confirmed: number | undefined
  readonly isAsked: boolean
  readonly failures: number
  /** Milliseconds since 1970; not asked before. */
  readonly askAgainAt: number
}

export const UNKNOWN_WITNESS: WitnessStanding = {
  confirmed: undefined,
  isAsked: false,
  failures: 0,
  askAgainAt: 0,
}

const PAUSE_MS = 500
const PAUSE_MS_MAX = 30_000

/** After a failure: twice the pause of the one before, up to half a minute. */
export function failed(standing: WitnessStanding, now: Date): WitnessStanding {
  const pause = Math.min(PAUSE_MS_MAX, PAUSE_MS * 2 ** standing.failures)
  return {
    ...standing,
    isAsked: false,
    failures: standing.failures + 1,
    askAgainAt: now.getTime() + pause,
  }
}

/** After an answer: it has seen this size. */
export function answered(standing: WitnessStanding, confirmed: number): WitnessStanding {
  return { ...standing, isAsked: false, failures: 0, askAgainAt: 0, confirmed }
}
