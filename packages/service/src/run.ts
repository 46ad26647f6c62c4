import type { Log } from './log.ts'

/** A part that was started and can be stopped. */
export interface Stoppable {
  stop(): Promise<void>
}

/** The few things of the process that a running node listens to; `main.ts` passes the real one. */
export interface ProcessLike {
  /** False when the parent that started it with a channel has gone; undefined where there was no channel. */
  readonly connected?: boolean | undefined
  on(event: 'SIGTERM' | 'SIGINT' | 'SIGHUP' | 'disconnect', listener: () => void): unknown
  exit(code: number): never
}

const STOP_SECONDS_MAX = 15

/**
 * Waits for the first reason to stop (a signal, or the parent's death seen as a closed channel), stops the node
 * and exits: 0 when it stopped in time, 1 when it had to be given up.
 */
export async function runUntilStopped(node: Stoppable, process: ProcessLike, log: Log): Promise<never> {
  const reason = await new Promise<string>((resolve) => {
    // The listeners stay: package managers pass on a signal that the terminal has sent already, and a second one
    // without a listener would kill the process in the middle of stopping.
    for (const event of ['SIGTERM', 'SIGINT', 'SIGHUP', 'disconnect'] as const)
      process.on(event, () => resolve(event))
    // Its event has passed when the parent died while the node was starting.
    if (process.connected === false) resolve('disconnect')
  })
  log.info({ 'stop.reason': reason }, 'stopping')
  const timer = setTimeout(() => {
    log.error('did not stop in time')
    process.exit(1)
  }, STOP_SECONDS_MAX * 1000)
  const code = await stopAndSayHow(node, log)
  clearTimeout(timer)
  return process.exit(code)
}

async function stopAndSayHow(node: Stoppable, log: Log): Promise<0 | 1> {
  try {
    await node.stop()
    log.info('stopped')
    return 0
  } catch (error) {
    log.error({ err: error }, 'stopping failed')
    return 1
  }
}
