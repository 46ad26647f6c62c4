import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { bareEnvironment, waitFor } from '@arc3088/testkit'

/** A node as its operator runs it: `main.ts` in a process of its own. */
export interface NodeProcess {
  /** Runs another command of the node to its end, and answers what it printed. */
  run(...args: string[]): Promise<string>
  /** Starts to serve, and waits until it is ready. */
  start(): Promise<void>
  /** Ends it as an operator does, or as a power cut does. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

/** A machine that many things keep busy takes its time. */
const READY_MS = 240_000

/** Prepares a node; nothing runs yet. */
export function nodeProcess(
  app: 'root' | 'provider',
  environment: { ENTITY_ID: string } & Readonly<Record<string, string>>,
): NodeProcess {
  const main = fileURLToPath(new URL(`../../${app}/src/main.ts`, import.meta.url))
  const args = ['--conditions=@arc3088/source', main]
  const env = { ...bareEnvironment(), ...environment }
  let child: ChildProcess | undefined
  return {
    async run(...command) {
      const { stdout } = await promisify(execFile)(process.execPath, [...args, ...command], { env })
      return stdout
    },
    async start() {
      const started = spawn(process.execPath, [...args, 'serve'], {
        env,
        stdio: ['ignore', 'inherit', 'inherit'],
      })
      child = started
      const hasEnded = () => started.exitCode !== null || started.signalCode !== null
      const isReady = async () => hasEnded() || (await fetch(`${environment.ENTITY_ID}/readyz`)).ok
      await waitFor(isReady, { what: `the ${app}`, timeoutMs: READY_MS })
      if (hasEnded()) throw new Error(`the ${app} ended with ${started.exitCode ?? started.signalCode}`)
    },
    async stop(signal = 'SIGTERM') {
      const running = child
      child = undefined
      if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
      const exited = once(running, 'exit')
      running.kill(signal)
      await exited
    },
  }
}
