import process from 'node:process'

import { runNodeCommand } from '@arc3088/issuer'
import { runUntilStopped } from '@arc3088/service'

import { readFounder, readStoredLog } from './appointment/stored-log.ts'
import { readProviderConfig } from './config.ts'
import { PROVIDER_MIGRATIONS } from './db/migrations/index.ts'
import { providerKeyCommands } from './keys/key-command-options.ts'
import { PROVIDER_ROLES } from './permissions.ts'
import { startProvider } from './start.ts'

process.exitCode = await runNodeCommand({
  argv: process.argv.slice(2),
  environment: process.env,
  service: 'provider',
  migrations: PROVIDER_MIGRATIONS,
  roles: PROVIDER_ROLES,
  placesBesideRecords: () => Promise.resolve([]),
  witnessesOf: async (databaseUrl) => (await readStoredLog(databaseUrl))?.witnesses ?? [],
  foundedAs: readFounder,
  keys: providerKeyCommands(),
  write: (line) => process.stdout.write(`${line}\n`),
  async serve() {
    const provider = await startProvider(readProviderConfig(process.env))
    await runUntilStopped(provider, process, provider.deps.node.log)
  },
})
