import { SandboxError } from '../sandbox-error.ts'
import { runProgram } from './programs.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** A node refused what was asked of it. */
export class Refused extends SandboxError {
  readonly code: string

  constructor(command: string, code: string, detail: string) {
    super(`arc3088 ${command}: ${code}: ${detail}`)
    this.code = code
  }
}

/** A command line, without the quoting. */
export interface CommandLine {
  /** What the command is about: an id, a code. */
  readonly of?: string
  readonly options: Readonly<Record<string, string>>
  readonly token?: string | undefined
}

/**
 * Does what a person would: runs the command line and answers the last thing it said. The token goes through the
 * environment, where other users of the machine do not see it. @throws Refused, SandboxError
 */
export async function arc3088(command: string, { of, options, token }: CommandLine): Promise<JsonObject> {
  const environment = token === undefined ? {} : { ARC3088_TOKEN: token }
  const args = [
    ...command.split(' '),
    ...(of === undefined ? [] : [of]),
    ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
    '--json',
  ]
  const { code, stdout, stderr } = await runProgram('cli', args, environment)
  if (code === 0) return readObject(stdout.trimEnd().split('\n').at(-1) ?? '') ?? {}
  const problem = readObject(stderr)
  if (code === 1 && typeof problem?.['code'] === 'string') {
    throw new Refused(command, problem['code'], String(problem['detail'] ?? problem['title']))
  }
  throw new SandboxError(`arc3088 ${command} ended with ${code}:\n${stderr}${stdout}`)
}

function readObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    // Not JSON: it is shown as it is.
    return undefined
  }
}
