import { setTimeout as sleep } from 'node:timers/promises'

/** Wakes one loop: a ring while nobody waits is kept for the next to wait. */
export interface Bell {
  ring(): void
  /** Resolves at a ring, after `atMostMs`, or when `signal` is aborted, whichever comes first. */
  wait(atMostMs: number, signal: AbortSignal): Promise<void>
}

/** Builds a bell for one waiting loop. */
export function createBell(): Bell {
  let rung = false
  let wake: (() => void) | undefined
  return {
    ring() {
      rung = true
      wake?.()
    },
    async wait(atMostMs, signal) {
      if (rung || signal.aborted) {
        rung = false
        return
      }
      const waiting = new AbortController()
      const end = (): void => waiting.abort()
      wake = end
      signal.addEventListener('abort', end)
      try {
        await sleep(atMostMs, undefined, { signal: waiting.signal })
      } catch (error) {
        if (!waiting.signal.aborted) throw error
      } finally {
        wake = undefined
        rung = false
        signal.removeEventListener('abort', end)
      }
    },
  }
}
