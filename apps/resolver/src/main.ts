import process from 'node:process'

import { ConfigError, runUntilStopped } from '@arc3088/service'

import { readResolverConfig } from './config.ts'
import { startResolver } from './start.ts'

process.exitCode = await run(process.argv[2] ?? 'serve')

/** A resolver has one command; it has nothing to migrate and nobody to create. */
async function run(command: string): Promise<number> {
  if (command !== 'serve') {
    process.stdout.write(`${command} is not a command; use serve\n`)
    return 2
  }
  try {
    const resolver = await startResolver(readResolverConfig(process.env))
    return await runUntilStopped(resolver, process, resolver.deps.log)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stdout.write(`${error.message}\n`)
    return 2
  }
}
