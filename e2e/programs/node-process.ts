import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'

import { waitFor } from '@arc3088/testkit'

import { exitCodeOf, root } from './processes.ts'

/** A node that nobody watches, so that it can be killed and started again. */
export interface NodeProcess extends AsyncDisposable {
  readonly child: ChildProcess
  kill(): Promise<void>
  /** Ends it in order. */
  stop(): Promise<void>
}

/** What a command of a node said, and how it ended. */
export interface NodeCommandOutcome {
  readonly code: number | NodeJS.Signals | null
  readonly output: string
}

export type Environment = Readonly<Record<string, string>>
export type App = 'root' | 'provider'

const READY_MS = 120_000

/** The environment a running process was started with (proc(5)). */
export function environmentOfProcess(pid: number): Record<string, string> {
  const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean)
  const environment = Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  )
  // Without the channel of the parent that it had: a process of ours would wait for nobody there.
  delete environment['NODE_CHANNEL_FD']
  return environment
}

/** Starts a node from dist in this environment, and waits until it is ready, or as far as `path` says. */
export async function startNode(
  app: App,
  environment: Environment,
  path: '/readyz' | '/livez' = '/readyz',
): Promise<NodeProcess> {
  const child = spawn(process.execPath, [`apps/${app}/dist/main.js`, 'serve'], {
    cwd: root,
    env: environment,
    // The channel is what a sandbox gives it: a node stops when it closes, however we end.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    await exitCodeOf(child)
  }
  const url = `http://127.0.0.1:${environment['PORT'] ?? ''}${path}`
  const isUp = async () => {
    if (child.exitCode !== null) throw new Error(`${app} ended with ${child.exitCode}`)
    return (await fetch(url)).status === 200
  }
  try {
    await waitFor(isUp, { what: `the ${app}`, timeoutMs: READY_MS })
  } catch (error) {
    await end('SIGKILL')
    throw error
  }
  return {
    child,
    kill: async () => await end('SIGKILL'),
    stop: async () => await end('SIGTERM'),
    [Symbol.asyncDispose]: async () => await end('SIGKILL'),
  }
}

/** Runs `main.js <command>` of a node to its end, as its operator would. */
export async function runNode(
  app: App,
  args: readonly string[],
  environment: Environment,
): Promise<NodeCommandOutcome> {
  const child = spawn(process.execPath, [`apps/${app}/dist/main.js`, ...args], {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const closed = new Promise((resolve) => child.once('close', resolve))
  const code = await exitCodeOf(child)
  await closed
  return { code, output }
}
