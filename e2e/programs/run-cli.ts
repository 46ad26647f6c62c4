import { spawn } from 'node:child_process'

import { exitCodeOf, root } from './processes.ts'

/** What a command of the command line said, and how it ended. */
export interface CliOutcome {
  readonly code: number | NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** The first JSON object that it wrote. */
  json(): Record<string, unknown>
}

/** Runs `arc3088` from dist as a process of its own. */
export async function arc3088(
  args: readonly string[],
  options: { input?: string; environment?: Record<string, string> } = {},
): Promise<CliOutcome> {
  const child = spawn(process.execPath, ['apps/cli/dist/main.js', ...args], {
    cwd: root,
    env: { ...process.env, ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  child.stdin.end(options.input ?? '')
  const closed = new Promise((resolve) => child.once('close', resolve))
  const code = await exitCodeOf(child)
  await closed
  return {
    code,
    stdout,
    stderr,
    json: () => JSON.parse(stdout.split('\n')[0] ?? '') as Record<string, unknown>,
  }
}
