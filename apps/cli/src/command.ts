import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'

import type { ExitCode } from './exit-code.ts'
import { UsageError } from './failure.ts'
import type { Terminal } from './terminal.ts'

/** What every command understands. */
const COMMON = { json: { type: 'boolean', default: false } } as const satisfies ParseArgsOptionsConfig

type Parsed<Options extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: Options & typeof COMMON; allowPositionals: true; strict: true }>
>

/** Runs one command with the arguments that follow its name. */
export type Command = (argv: readonly string[], terminal: Terminal) => Promise<ExitCode>

/** A command: its options as node:util's parseArgs has them, and what it does. @throws UsageError for other arguments. */
export function defineCommand<const Options extends ParseArgsOptionsConfig>(
  options: Options,
  run: (given: Parsed<Options>, terminal: Terminal) => Promise<ExitCode>,
): Command {
  return async (argv, terminal) => {
    const given = parse({ ...options, ...COMMON }, argv)
    return await run(given as Parsed<Options>, terminal)
  }
}

function parse(options: ParseArgsOptionsConfig, argv: readonly string[]): unknown {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/** The one positional argument of a command. @throws UsageError when there are others. */
export function onlyArgument(positionals: readonly string[], what: string): string {
  const [first, ...rest] = positionals
  if (first === undefined) throw new UsageError(`${what} is missing`)
  if (rest.length > 0) throw new UsageError(`one ${what} at a time, not ${positionals.length}`)
  return first
}

/** @throws UsageError when there are arguments. */
export function noArguments(positionals: readonly string[]): void {
  if (positionals.length > 0) throw new UsageError(`unexpected argument ${positionals.join(' ')}`)
}

/** The value of an option that must be given. @throws UsageError */
export function required(value: string | undefined, option: string): string {
  if (value === undefined || value === '') throw new UsageError(`--${option} is missing`)
  return value
}
