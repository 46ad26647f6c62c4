import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

export interface Outcome {
  readonly code: number
  readonly output: string
}

const running = new Set<ChildProcess>()

/** Runs a tool at the root of the repository. `output` is empty when it goes straight to the terminal. */
export async function runTool(
  command: string,
  args: readonly string[],
  { show = false, env = {} }: { readonly show?: boolean; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Outcome> {
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
  })
  running.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  try {
    return await new Promise((resolve) => {
      child.on('error', (error) => resolve({ code: 127, output: `${command}: ${error.message}\n` }))
      child.on('close', (code) => resolve({ code: code ?? 1, output }))
    })
  } finally {
    running.delete(child)
  }
}

/** Stops the tools when somebody stops us, or when boot, which started us, is killed and the channel to it closes. */
export function stopToolsWithUs(): void {
  const stop = (code: number) => {
    for (const child of running) child.kill('SIGTERM')
    setTimeout(() => process.exit(code), 3_000).unref()
    process.exitCode = code
  }
  process.on('SIGINT', () => stop(130))
  process.on('SIGTERM', () => stop(143))
  process.on('SIGHUP', () => stop(129))
  process.on('disconnect', () => stop(143))
  // Listening must not keep us alive.
  process.channel?.unref()
}
