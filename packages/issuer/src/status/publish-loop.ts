import { setTimeout as delay } from 'node:timers/promises'

import type { Log } from '@arc3088/service'

import type { StatusLists } from './status-lists.ts'

/** Two looks a second: what was committed is signed within a second of it, with half of that for the work. */
const PUBLISH_EVERY_MILLISECONDS = 500

/** Signs changed lists again and again until it is stopped. A look that fails is logged, once a fault, and tried again. */
export function keepPublishing(
  lists: Pick<StatusLists, 'publishDirty'>,
  log: Log,
): { stop(): Promise<void> } {
  const stopping = new AbortController()

  async function run(): Promise<void> {
    let lastFault = ''
    while (!stopping.signal.aborted) {
      try {
        await lists.publishDirty()
        lastFault = ''
      } catch (error) {
        const fault = error instanceof Error ? error.message : String(error)
        if (fault !== lastFault) log.warn({ err: error }, 'status lists could not be published')
        lastFault = fault
      }
      await delay(PUBLISH_EVERY_MILLISECONDS, undefined, { signal: stopping.signal }).catch(ignoreAbort)
    }
  }

  const running = run()
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}

function ignoreAbort(error: unknown): void {
  if (error instanceof Error && error.name === 'AbortError') return
  throw error
}
