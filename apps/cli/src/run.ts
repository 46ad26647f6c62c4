import { findCommand, USAGE, usageOf, type CommandRow } from './commands.ts'
import type { ExitCode } from './exit-code.ts'
import { CannotTell, Refusal, UsageError } from './failure.ts'
import { shown } from './shown.ts'
import type { Terminal } from './terminal.ts'

/**
 * Runs one command line and answers the exit code: 0 ok · 1 refused or not valid · 2 could not tell, or no such
 * command. Never throws: what is our own mistake is told with its stack, and is 2.
 */
export async function run(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  if (argv.length === 0 || ['help', '--help', '-h'].includes(argv[0] ?? '')) {
    await terminal.write(USAGE)
    return argv.length === 0 ? 2 : 0
  }
  const row = findCommand(argv)
  if (row === undefined) {
    terminal.complain(`arc3088: there is no command ${shown(argv.slice(0, 2).join(' '))}\n${USAGE}`)
    return 2
  }
  const rest = argv.slice(row.name.split(' ').length)
  if (rest.includes('--help') || rest.includes('-h')) {
    await terminal.write(`${row.summary}\n${usageOf(row)}\n`)
    return 0
  }
  try {
    const command = await row.load()
    return await command(rest, terminal)
  } catch (error) {
    return explainFailure(error, { row, json: rest.includes('--json') }, terminal)
  }
}

function explainFailure(
  error: unknown,
  { row, json }: { row: CommandRow; json: boolean },
  terminal: Terminal,
): ExitCode {
  if (error instanceof UsageError) {
    terminal.complain(`arc3088 ${row.name}: ${error.message}\n${usageOf(row)}\n`)
    return 2
  }
  if (error instanceof Refusal) {
    terminal.complain(json ? `${JSON.stringify(error.whole)}\n` : `${error.code}: ${shown(error.message)}\n`)
    return 1
  }
  if (error instanceof CannotTell) {
    terminal.complain(`arc3088 ${row.name}: ${error.message}\n`)
    return 2
  }
  // Our own mistake, or a file system's no: either way nothing was judged, so it must not look like a verdict.
  const isSystems = error instanceof Error && 'syscall' in error
  const told =
    error instanceof Error ? (isSystems ? error.message : (error.stack ?? error.message)) : String(error)
  terminal.complain(`arc3088 ${row.name}: ${told}\n`)
  return 2
}
