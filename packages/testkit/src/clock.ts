export interface Clock {
  /** Give this to the code under test as its `now`. */
  readonly now: () => Date
  advanceSeconds(seconds: number): void
  set(to: Date | string): void
}

/** A clock that stands still until it is told to move. */
export function createClock(start: Date | string = '2026-11-22T09:00:00.000Z'): Clock {
  let at = millisecondsOf(start)
  return {
    now: () => new Date(at),
    advanceSeconds: (seconds) => {
      at += seconds * 1000
    },
    set: (to) => {
      at = millisecondsOf(to)
    },
  }
}

function millisecondsOf(time: Date | string): number {
  const milliseconds = new Date(time).getTime()
  if (Number.isNaN(milliseconds)) throw new RangeError(`not a time: ${String(time)}`)
  return milliseconds
}
