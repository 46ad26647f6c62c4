import { RegistryError } from '@arc3088/problems'

import { FEED_POLL_MILLISECONDS, FEED_WAITERS_MAX } from './feed-limits.ts'

/** Lets many wait for the log to grow, with one look at it for all. */
export interface HeadWatch {
  /**
   * Resolves with the size of the log when that is more than `size`, when the time is up, when `signal` is aborted, or
   * when the watch is closed. @throws RegistryError when too many wait.
   */
  waitPast(size: number, options: { milliseconds: number; signal?: AbortSignal | undefined }): Promise<number>
  /** The log of this process says that it has grown: nobody has to wait for the next look. */
  moved(): void
  readonly isClosed: boolean
  /** Ends every wait, and lets nobody wait again. */
  close(): void
}

interface Waiter {
  readonly size: number
  end(): void
}

/** Builds the watch of one process over what answers the size of the log. */
export function createHeadWatch(
  readSize: () => Promise<number>,
  { waitersMax = FEED_WAITERS_MAX }: { waitersMax?: number } = {},
): HeadWatch {
  const waiters = new Set<Waiter>()
  let looking: NodeJS.Timeout | undefined
  let isClosed = false

  async function look(): Promise<void> {
    const size = await readSize()
    for (const waiter of waiters) if (size > waiter.size) waiter.end()
  }

  function lookSoon(): void {
    // A look that fails is made again; whoever waits fails by itself when it reads.
    void look().catch(() => undefined)
  }

  function enter(waiter: Waiter): void {
    waiters.add(waiter)
    looking ??= setInterval(lookSoon, FEED_POLL_MILLISECONDS)
  }

  function leave(waiter: Waiter): void {
    waiters.delete(waiter)
    if (waiters.size > 0) return
    clearInterval(looking)
    looking = undefined
  }

  return {
    async waitPast(size, { milliseconds, signal }) {
      const now = await readSize()
      if (now > size || milliseconds <= 0 || isClosed || signal?.aborted === true) return now
      if (waiters.size >= waitersMax) {
        throw new RegistryError('service-unavailable', 'Too many wait for changes', {
          extra: { retry_after_seconds: 5 },
        })
      }
      const { promise, resolve } = Promise.withResolvers<void>()
      const waiter: Waiter = { size, end: resolve }
      const timer = setTimeout(resolve, milliseconds)
      const leaveEarly = (): void => resolve()
      signal?.addEventListener('abort', leaveEarly)
      enter(waiter)
      // It may have grown between the first look and now.
      lookSoon()
      try {
        await promise
      } finally {
        clearTimeout(timer)
        signal?.removeEventListener('abort', leaveEarly)
        leave(waiter)
      }
      return await readSize()
    },
    moved: () => {
      if (waiters.size > 0) lookSoon()
    },
    get isClosed() {
      return isClosed
    },
    close() {
      isClosed = true
      for (const waiter of waiters) waiter.end()
    },
  }
}
