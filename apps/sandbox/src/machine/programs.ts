import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { SandboxError } from '../sandbox-error.ts'

/** The built program of an app; the sandbox itself runs from `apps/sandbox/dist` or `src`. */
export function programOf(app: string): string {
  return fileURLToPath(new URL(`../../../${app}/dist/main.js`, import.meta.url))
}

/** What a program said and how it ended. */
export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const SECONDS_MAX = 120

/** What every program needs of our environment; a node has no business with the rest. */
const INHERITED = [
  'PATH',
  'HOME',
  'LANG',
  'LC_ALL',
  'TZ',
  'NODE_OPTIONS',
  'NODE_EXTRA_CA_CERTS',
  // Compiled code is kept between starts: a fifth less time for each process.
  'NODE_COMPILE_CACHE',
]

export function environmentWith(more: Readonly<Record<string, string>>): Record<string, string> {
  const environment: Record<string, string> = {}
  for (const name of INHERITED) {
    const value = process.env[name]
    if (value !== undefined) environment[name] = value
  }
  return { ...environment, ...more }
}

/** Runs a program to its end. It is killed with us, or when it takes too long. */
export async function runProgram(
  app: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const child = spawn(process.execPath, [programOf(app), ...args], {
    env: environmentWith(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: SECONDS_MAX * 1000,
    killSignal: 'SIGKILL',
  })
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => {
    const chunks: string[] = []
    stream.setEncoding('utf8').on('data', (chunk: string) => void chunks.push(chunk))
    return chunks
  })
  return await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      resolve({ code: code ?? -1, stdout: (stdout ?? []).join(''), stderr: (stderr ?? []).join('') })
    })
  })
}

/** As {@link runProgram}; answers what it wrote. @throws SandboxError with what it said when it failed. */
export async function demandProgram(
  app: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const outcome = await runProgram(app, args, environment)
  if (outcome.code === 0) return outcome.stdout
  throw new SandboxError(
    `${app} ${args.slice(0, 3).join(' ')} ended with ${outcome.code}:\n${outcome.stderr}${outcome.stdout}`,
  )
}
