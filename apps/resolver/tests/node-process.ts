import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { waitFor } from '@arc3088/testkit'

const REPOSITORY = join(import.meta.dirname, '../../..')

type Environment = Readonly<Record<string, string>>

/** A node in a process of its own, which can be stopped and started again at the same address. */
export interface NodeProcess extends AsyncDisposable {
  readonly url: string
  stop(): Promise<void>
  start(): Promise<void>
}

function argumentsOf(app: string, command: readonly string[]): string[] {
  return ['--conditions=@arc3088/source', join(REPOSITORY, 'apps', app, 'src/main.ts'), ...command]
}

/** Runs one command of a node to its end and answers what it wrote. */
export async function runNode(app: string, command: readonly string[], env: Environment): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, argumentsOf(app, command), {
    env: { ...process.env, ...env },
  })
  return stdout
}

/** Starts a node as its operator would, and waits until it answers. */
export async function startNode(app: string, url: string, env: Environment): Promise<NodeProcess> {
  let child: ChildProcess | undefined
  let said = ''
  const start = async (): Promise<void> => {
    const started = spawn(process.execPath, argumentsOf(app, ['serve']), {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child = started
    for (const stream of [started.stdout, started.stderr])
      stream.on('data', (chunk: Buffer) => void (said += chunk.toString()))
    await waitFor(
      async () => {
        if (started.exitCode !== null) return 'ended'
        return (await fetch(`${url}/livez`)).ok
      },
      { what: `${app} at ${url}` },
    )
    if (started.exitCode !== null) throw new Error(`${app} ended: ${said}`)
  }
  const stop = async (): Promise<void> => {
    const running = child
    child = undefined
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    const ended = once(running, 'exit')
    running.kill('SIGTERM')
    await ended
  }
  await start()
  return { url, start, stop, [Symbol.asyncDispose]: stop }
}
