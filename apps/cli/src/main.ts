import process from 'node:process'

import { run } from './run.ts'
import { openTerminal } from './terminal.ts'

// Whoever read our output has had enough (`| head`): nothing is wrong, and nothing more is wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

process.exitCode = await run(
  process.argv.slice(2),
  openTerminal({
    environment: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
  }),
)
