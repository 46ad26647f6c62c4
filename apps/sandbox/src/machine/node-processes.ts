import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import { SandboxError } from '../sandbox-error.ts'
import { environmentWith, programOf } from './programs.ts'

/** The running nodes: started here, watched, and stopped together. */
export interface NodeProcesses {
  /** Starts `main.js serve` of an app; answers its pid. */
  start(name: string, app: string, node: { environment: Record<string, string>; log: string }): number
  pidOf(name: string): number
  /** Rejects with a SandboxError when a node ends by itself; never resolves. */
  readonly died: Promise<never>
  /** Asks all to stop, kills those that do not, and lets nobody start any more. */
  stop(): Promise<void>
}

interface Running {
  readonly name: string
  readonly child: ChildProcess
  readonly exited: Promise<void>
}

const STOP_SECONDS_MAX = 18
/** A Ctrl-C may reach the nodes before it reaches us: then they did not die. */
const SAME_SIGNAL_MS = 300
const LOG_BYTES_MAX = 20_000_000
const TAIL_LINES = 20

/** Nobody runs yet. */
export function createNodeProcesses(): NodeProcesses {
  const running: Running[] = []
  let stopping = false
  const death = Promise.withResolvers<never>()
  // Whoever asks for it sees it; until then it must not count as unhandled.
  death.promise.catch(() => undefined)

  async function noteExit(name: string, log: string, how: string): Promise<void> {
    await sleep(SAME_SIGNAL_MS)
    if (stopping) return
    death.reject(new SandboxError(`${name} ended (${how}). The end of ${log}:\n${tailOf(log)}`))
  }

  function pidOf(name: string): number {
    const pid = running.find((node) => node.name === name)?.child.pid
    if (pid === undefined) throw new SandboxError(`${name} does not run`)
    return pid
  }

  return {
    start(name, app, { environment, log }) {
      if (stopping) throw new SandboxError('the sandbox is stopping')
      shorten(log)
      const file = openSync(log, 'a')
      const child = spawn(process.execPath, [programOf(app), 'serve'], {
        env: environmentWith(environment),
        // The channel closes when we end, however we end; the node stops then.
        stdio: ['ignore', file, file, 'ipc'],
      })
      closeSync(file)
      const exited = new Promise<void>((resolve) => {
        child.on('error', () => resolve())
        child.on('exit', (code, signal) => {
          resolve()
          void noteExit(name, log, `exit ${code ?? signal}`)
        })
      })
      running.push({ name, child, exited })
      return pidOf(name)
    },
    pidOf,
    died: death.promise,
    async stop() {
      stopping = true
      for (const { child } of running) child.kill('SIGTERM')
      const kill = setTimeout(() => {
        for (const { child } of running) child.kill('SIGKILL')
      }, STOP_SECONDS_MAX * 1000)
      await Promise.all(running.map(({ exited }) => exited))
      clearTimeout(kill)
    },
  }
}

function tailOf(log: string): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES).join('\n')
}

function shorten(log: string): void {
  const size = statSync(log, { throwIfNoEntry: false })?.size ?? 0
  if (size > LOG_BYTES_MAX) truncateSync(log, 0)
}
