import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

const REPOSITORY = join(import.meta.dirname, '../..')
const READY_SECONDS_MAX = 60
const STOP_SECONDS_MAX = 30

/** An app as its operator runs it: a process of its own. */
export interface NodeProcess {
  /** Runs another command of the node to its end, and answers what it printed. */
  run(...command: string[]): Promise<string>
  /** Starts to serve; answers when `path` is answered 200. */
  start(path?: string): Promise<void>
  stop(): Promise<void>
  /** Resident memory in bytes; 0 where the system does not say. */
  memory(): Promise<number>
}

export type App = 'root' | 'provider' | 'resolver'

/** Arguments of node that run an app: as built, or from source. */
export function programOf(app: App, fromSource: boolean): string[] {
  const folder = join(REPOSITORY, 'apps', app)
  return fromSource
    ? ['--conditions=@arc3088/source', join(folder, 'src/main.ts')]
    : [join(folder, 'dist/main.js')]
}

/** Prepares a process; nothing runs yet. */
export function nodeProcess(
  program: readonly string[],
  environment: Readonly<Record<string, string>> & { readonly ENTITY_ID: string },
): NodeProcess {
  const env = { PATH: process.env['PATH'] ?? '', ...environment }
  let child: ChildProcess | undefined
  return {
    async run(...command) {
      return (await promisify(execFile)(process.execPath, [...program, ...command], { env })).stdout
    },
    async start(path = '/livez') {
      const started = spawn(process.execPath, [...program, 'serve'], {
        env,
        stdio: ['ignore', 'inherit', 'inherit'],
      })
      child = started
      await waitUntilOk(`${environment.ENTITY_ID}${path}`, () => started.exitCode ?? started.signalCode)
    },
    async stop() {
      const running = child
      child = undefined
      if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
      const exited = once(running, 'exit')
      running.kill('SIGTERM')
      const timer = setTimeout(() => running.kill('SIGKILL'), STOP_SECONDS_MAX * 1000)
      await exited
      clearTimeout(timer)
    },
    async memory() {
      if (child?.pid === undefined || process.platform !== 'linux') return 0
      const [, kilobytes] =
        /^VmRSS:\s*(\d+) kB/m.exec(await readFile(`/proc/${child.pid}/status`, 'utf8')) ?? []
      return Number(kilobytes ?? 0) * 1024
    },
  }
}

/** Asks every 2 ms. @throws Error where the process has ended, or is not ready in a minute. */
export async function waitUntilOk(
  url: string,
  ended: () => number | string | null = () => null,
  secondsMax = READY_SECONDS_MAX,
): Promise<void> {
  const deadline = performance.now() + secondsMax * 1000
  while (!(await isOk(url))) {
    if (ended() !== null) throw new Error(`what should answer ${url} ended: ${ended()}`)
    if (performance.now() > deadline) throw new Error(`${url} is not ready after ${secondsMax} s`)
    await delay(2)
  }
}

async function isOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) })
    await response.arrayBuffer()
    return response.ok
  } catch {
    // Nobody listens yet.
    return false
  }
}
