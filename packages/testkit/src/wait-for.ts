import { setTimeout as sleep } from 'node:timers/promises'

export interface WaitOptions {
  /** Said in the error. */
  readonly what?: string
  /** Two minutes where left out; less only where the limit itself is what is tested. */
  readonly timeoutMs?: number
  readonly intervalMs?: number
}

/** Long for the slowest of machines: a wait that ends well costs nothing, and says nothing about speed. */
const PATIENCE_MS = 120_000

type Falsy = false | undefined | null | '' | 0

/** Asks until the answer is truthy, and returns it; throws when the time is up, with the predicate's last error if it threw. */
export async function waitFor<T>(
  predicate: () => T | Falsy | Promise<T | Falsy>,
  { what = 'the condition', timeoutMs = PATIENCE_MS, intervalMs = 25 }: WaitOptions = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    let cause: unknown
    try {
      const answer = await predicate()
      if (answer) return answer
    } catch (error) {
      cause = error
    }
    if (performance.now() >= deadline) {
      throw new Error(`waited ${timeoutMs} ms for ${what}`, cause === undefined ? undefined : { cause })
    }
    await sleep(intervalMs)
  }
}
