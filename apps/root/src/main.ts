import process from 'node:process'

import { runNodeCommand } from '@arc3088/issuer'
import { runUntilStopped } from '@arc3088/service'

import { readRootConfig } from './config.ts'
import { ROOT_MIGRATIONS } from './db/migrations/index.ts'
import { rootKeyCommands } from './keys/key-command-options.ts'
import { enrolAtNode } from './officers/enrol.ts'
import { ROOT_ROLES } from './permissions.ts'
import { readStatementPlaces } from './providers/statement-places.ts'
import { startRoot } from './start.ts'
import { readStoredWitnesses } from './witness/stored-witnesses.ts'

process.exitCode = await runNodeCommand({
  argv: process.argv.slice(2),
  environment: process.env,
  service: 'root',
  migrations: ROOT_MIGRATIONS,
  roles: ROOT_ROLES,
  placesBesideRecords: readStatementPlaces,
  witnessesOf: readStoredWitnesses,
  keys: rootKeyCommands(process.env),
  enrolOfficers: (enrolment) =>
    enrolAtNode(process.env, enrolment, (line) => process.stderr.write(`${line}\n`)),
  write: (line) => process.stdout.write(`${line}\n`),
  async serve() {
    const root = await startRoot(readRootConfig(process.env))
    await runUntilStopped(root, process, root.deps.node.log)
  },
})
