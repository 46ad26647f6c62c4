import process from 'node:process'
import { fileURLToPath } from 'node:url'

import { LocalPostgresError } from '@arc3088/local-postgres'

import { startSandbox } from './sandbox.ts'
import { SandboxError } from './sandbox-error.ts'
import { readSettings, SettingsError } from './settings.ts'
import { compileCacheOf } from './state-folder.ts'

const repository = fileURLToPath(new URL('../../..', import.meta.url))
const began = performance.now()

process.exit(await main())

async function main(): Promise<number> {
  const stopRequest = Promise.withResolvers<'stop'>()
  // `disconnect`: boot, which started us, was killed.
  for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const) {
    process.on(event, () => stopRequest.resolve('stop'))
  }
  try {
    const settings = readSettings({ argv: process.argv.slice(2), environment: process.env, repository })
    process.env['NODE_COMPILE_CACHE'] ??= compileCacheOf(settings.stateDir)
    const sandbox = startSandbox(settings, repository, tell)
    try {
      const outcome = await Promise.race([sandbox.ready, sandbox.died, stopRequest.promise])
      if (outcome !== 'stop') {
        tell(`ready in ${((performance.now() - began) / 1000).toFixed(1)} s`)
        await Promise.race([sandbox.died, stopRequest.promise])
      }
      return 0
    } finally {
      tell('stopping')
      await sandbox.stop()
      tell('stopped')
    }
  } catch (error) {
    return explain(error)
  }
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** What its reader can mend is said in words; the rest is our mistake, with its stack. */
function explain(error: unknown): number {
  if (error instanceof SettingsError) {
    process.stderr.write(`${error.message}\n`)
    return 2
  }
  const isForReader = error instanceof SandboxError || error instanceof LocalPostgresError
  process.stderr.write(
    isForReader
      ? `sandbox: ${error.message}\n`
      : `sandbox: ${String(error instanceof Error ? error.stack : error)}\n`,
  )
  return 1
}
