import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')
export const program = (name: string): string => join(import.meta.dirname, name)

/** Runs a command; answers it once it has said its first line. */
export async function startSaying(
  command: string,
  args: readonly string[],
): Promise<{ child: ChildProcess; line: string; output: () => string }> {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      const [first, ...rest] = output.split('\n')
      if (first !== undefined && rest.length > 0) resolve(first)
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code} before it said anything`)))
  })
  return { child, line, output: () => output }
}

export async function exitCodeOf(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? child.signalCode
  return await new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)))
}

/** False for a zombie: it holds nothing any more, and whether it is buried is up to the machine's init. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}
