import { parseArgs } from 'node:util'

import { connect, migrateAll, type MigrationOwner } from '@arc3088/db'
import { RegistryError } from '@arc3088/problems'
import { ConfigError, IssuingNodeEnvironment, readEnvironment, systemAmbient } from '@arc3088/service'

import { runAuditLedger, type AuditCommand } from '../audit/audit-ledger.ts'
import type { IssuerTables } from '../db/tables.ts'
import { KEY_COMMANDS_USAGE } from '../keys/key-arguments.ts'
import { runKeyCommand, type KeyCommandOptions } from '../keys/key-commands.ts'
import { readEnrolment, readPublicKey, OFFICERS_USAGE } from '../officers/officer-commands.ts'
import type { Enrolment } from '../officers/enrol-officers.ts'
import { createOperators, type NewOperator, type OperatorWithToken } from '../operators/create-operator.ts'
import {
  RESTORE_USAGE,
  runRestoreBurn,
  runRestoreCheck,
  type RestoreCommand,
} from '../restore/restore-commands.ts'

/** What `main.ts` of an issuing node hands over. */
export interface NodeCommand {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly service: string
  readonly migrations: readonly MigrationOwner[]
  /** The roles that `operator:create` may give. */
  readonly roles: readonly string[]
  /** Who witnesses the log of this node, as far as its own database knows. */
  readonly witnessesOf: RestoreCommand['witnessesOf']
  readonly placesBesideRecords: AuditCommand['placesBesideRecords']
  /** The entity under which the database was begun, as it says itself; undefined where it is the node's own. */
  foundedAs?(databaseUrl: string): Promise<string | undefined>
  /** What the commands on keys need; without it there are none but `keys:seal`. */
  readonly keys?: KeyCommandOptions
  /** The ceremony of a node whose officers decide with their own keys; without it there is none. */
  enrolOfficers?(enrolment: Enrolment): Promise<readonly OperatorWithToken[]>
  write(line: string): void
  serve(): Promise<void>
}

const USAGE = `serve | migrate | operator:create --role ROLE --name NAME [--key PUBLIC-JWK-FILE] [--role … --name … --key …] [--recover] | ${OFFICERS_USAGE} | audit:ledger | ${RESTORE_USAGE}`

/**
 * Runs one command of a node and answers the exit code: 0 done, 1 refused or found wrong, 2 not a command or not a usable
 * configuration. The commands are those of the operator's manual; everything else is done over HTTP.
 */
export async function runNodeCommand(command: NodeCommand): Promise<number> {
  const [name = 'serve', ...rest] = command.argv
  try {
    if (name === 'serve') await command.serve()
    else if (name === 'migrate') await runMigrate(command)
    else if (name === 'operator:create') await runCreateOperator(command, rest)
    else if (name === 'officers:enrol' && command.enrolOfficers !== undefined)
      for (const { token } of await command.enrolOfficers(readEnrolment(rest))) command.write(token)
    else if (name === 'restore:check') await runRestoreCheck(command)
    else if (name === 'restore:burn') await runRestoreBurn(command, rest)
    else if (name === 'audit:ledger') return (await runAuditLedger(command)) ? 0 : 1
    else if (!(await runKeyCommand(command, name, rest)))
      throw new ConfigError([`${name} is not a command; use ${USAGE} | ${KEY_COMMANDS_USAGE}`])
    return 0
  } catch (error) {
    if (error instanceof ConfigError) {
      command.write(error.message)
      return 2
    }
    if (error instanceof RegistryError) {
      command.write(`${error.code}: ${error.message}`)
      return 1
    }
    throw error
  }
}

async function runMigrate(command: NodeCommand): Promise<void> {
  const { MIGRATION_DATABASE_URL: url } = readEnvironment(
    IssuingNodeEnvironment.pick({ MIGRATION_DATABASE_URL: true }).required(),
    command.environment,
  )
  const db = connect<IssuerTables>({
    url,
    max: 2,
    applicationName: `${command.service}-migrate`,
    onIdleError: (error) => command.write(`database: ${error.message}`),
  })
  try {
    const ran = await migrateAll(db, command.migrations)
    command.write(ran.length === 0 ? 'nothing to migrate' : `migrated: ${ran.join(', ')}`)
  } finally {
    await db.destroy()
  }
}

async function runCreateOperator(command: NodeCommand, args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      role: { type: 'string', multiple: true },
      name: { type: 'string', multiple: true },
      key: { type: 'string', multiple: true },
      recover: { type: 'boolean', default: false },
    },
  })
  const { role = [], name = [], key = [] } = values
  const wanted = readOperators(command.roles, { roles: role, names: name, keys: key })
  const { DATABASE_URL: url } = readEnvironment(
    IssuingNodeEnvironment.pick({ DATABASE_URL: true }),
    command.environment,
  )
  const db = connect<IssuerTables>({
    url,
    max: 1,
    applicationName: `${command.service}-operator`,
    onIdleError: (error) => command.write(`database: ${error.message}`),
  })
  try {
    const made = await createOperators({ db, ambient: systemAmbient() }, wanted, { recover: values.recover })
    for (const { token } of made) command.write(token)
  } finally {
    await db.destroy()
  }
}

function readOperators(
  allowed: readonly string[],
  { roles, names, keys }: { roles: readonly string[]; names: readonly string[]; keys: readonly string[] },
): NewOperator[] {
  if (roles.length === 0 || roles.length !== names.length) {
    throw new ConfigError(['operator:create needs as many --name as --role, and at least one of each'])
  }
  if (keys.length > 0 && keys.length !== names.length)
    throw new ConfigError(['operator:create needs as many --key as --name, or none'])
  const unknown = roles.filter((role) => !allowed.includes(role))
  if (unknown.length > 0)
    throw new ConfigError([`--role ${unknown.join(', ')}: one of ${allowed.join(', ')}`])
  const jwks = keys.map(readPublicKey)
  return roles.map((role, nth) => ({ role, name: names[nth] ?? '', jwk: jwks[nth] }))
}
