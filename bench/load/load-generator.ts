import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import type { FromGenerator, LoadPlan, LoadProgress, LoadResult } from './load-plan.ts'

/** A load generator in a process of its own; it stays, so that its code is warm after the first run. */
export interface LoadGenerator extends AsyncDisposable {
  /**
   * Runs a plan to its end. A benchmark whose requests fail is none; only a peer's own failures are left out of its rate.
   *
   * @throws Error with the first answer that was not as it should be, or where nothing was answered.
   */
  run(plan: LoadPlan, onProgress?: (progress: LoadProgress) => void): Promise<LoadResult>
}

/** Starts the process; it ends with this one. */
export function startLoadGenerator(): LoadGenerator {
  const child = fork(join(import.meta.dirname, 'generator.ts'), [], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const gone = once(child, 'exit').then(() => {
    throw new Error('the load generator ended')
  })
  gone.catch(() => undefined)

  async function answerOf(plan: LoadPlan, onProgress: (progress: LoadProgress) => void): Promise<LoadResult> {
    const heard = Promise.withResolvers<LoadResult>()
    const listen = (message: FromGenerator): void => {
      if (message.kind === 'progress') onProgress(message)
      else if (message.kind === 'done') heard.resolve(message.result)
      else heard.reject(new Error(`the load generator failed: ${message.message}`))
    }
    child.on('message', listen)
    child.send(plan)
    try {
      return await Promise.race([heard.promise, gone])
    } finally {
      child.off('message', listen)
    }
  }

  return {
    async run(plan, onProgress = () => undefined) {
      const result = await answerOf(plan, onProgress)
      if (result.errors > 0 && plan.peerMayFail !== true)
        throw new Error(
          `${result.errors} of ${result.answered + result.errors} requests failed: ${result.firstError}`,
        )
      if (result.answered === 0) throw new Error('nothing was answered')
      return result
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.disconnect()
      await exited
    },
  }
}
