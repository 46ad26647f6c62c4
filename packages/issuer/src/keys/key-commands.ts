import { connect } from '@arc3088/db'
import { RegistryError } from '@arc3088/problems'
import { NODE_KEY_PURPOSES, type KeyRing } from '@arc3088/records'
import {
  ConfigError,
  IssuingNodeEnvironment,
  openOutboundDoor,
  readEnvironment,
  systemAmbient,
  type Ambient,
  type OutboundDoor,
} from '@arc3088/service'

import type { IssuerTables } from '../db/tables.ts'
import { demandRestored } from '../restore/demand-restored.ts'
import { createWitnessAsker, type WitnessAddress } from '../witness/ask-witness.ts'
import { activateKey } from './activate-key.ts'
import { announceKey } from './announce-key.ts'
import { compromiseKey } from './compromise-key.ts'
import { createFileKeyDriver } from './file-key-driver.ts'
import { sealKeyFiles } from './key-files.ts'
import type { KeyDriver } from './key-driver.ts'
import { readArguments, type KeyArguments } from './key-arguments.ts'
import type { KeyParts } from './key-parts.ts'
import { readKeyPassphrase } from './key-passphrase.ts'
import type { NodeKey } from './key.ts'
import { readKeys } from './key.store.ts'
import { prepareReplacement } from './prepare-replacement.ts'
import { replaceFederationKey, type StatedKeys } from './replace-federation-key.ts'
import { retireKey } from './retire-key.ts'
import { ringsAfterReplacement } from './ring-after-replacement.ts'
import { openStoredKeyLog } from './stored-key-log.ts'
import { openTokenDriver, readTokenSettings, type LoadTokenDrivers } from './token-driver.ts'

/** What the commands on keys need to know of a node beside its environment. */
export interface KeyCommandOptions {
  readonly endorsedBy: KeyParts['endorsedBy']
  /** The kids that the newest root key set names; at a root only. */
  rootKeySetKids?(): Promise<ReadonlySet<string>>
  /** Opens the optional package of tokens, where a token is configured. */
  readonly loadTokenDrivers: LoadTokenDrivers
  /** How many witnesses the node's log is held to. */
  logQuorum(databaseUrl: string): Promise<number>
  /**
   * The federation keys by which the root's statement, fetched and verified now, knows this node, which signs with the given
   * one; below a root only. Throws RegistryError where there is none that holds.
   */
  readStated?(ask: StatedQuestion): Promise<StatedKeys>
}

/** What the root is asked on behalf of. */
export interface StatedQuestion {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly ambient: Ambient
  readonly door: OutboundDoor
  /** The keys that the node publishes once the replacement is in use. */
  readonly keys: KeyRing
}

/** What `main.ts` hands over, as far as keys are concerned. */
export interface KeyCommand {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly service: string
  readonly keys?: KeyCommandOptions
  /** Who witnesses the log of this node, as far as its own database knows. */
  witnessesOf(databaseUrl: string): Promise<readonly WitnessAddress[]>
  /** The entity under which the database was begun, as it says itself; undefined where it is the node's own. */
  foundedAs?(databaseUrl: string): Promise<string | undefined>
  write(line: string): void
}

type RunKeyCommand = (
  parts: KeyParts,
  args: KeyArguments,
  command: KeyCommand,
  door: OutboundDoor,
) => Promise<void>

const COMMANDS: Readonly<Record<string, RunKeyCommand>> = {
  'keys:list': async ({ db }, _, { write: say }) => {
    for (const key of await readKeys(db)) say(lineOf(key))
  },
  'keys:announce': async (parts, args, { write: say }) => {
    const { key, created } = await announceKey(parts, args.purpose(), args.actor)
    say(`${created ? 'announced' : 'waiting already'}: ${lineOf(key)}`)
  },
  'keys:activate': async (parts, args, command) => {
    write(
      command,
      await activateKey(parts, await openLog(parts, command), { kid: args.kid(), ...args.actor }),
    )
  },
  'keys:retire': async (parts, args, command) => {
    write(command, await retireKey(parts, await openLog(parts, command), { kid: args.kid(), ...args.actor }))
  },
  'keys:compromised': async (parts, args, command) => {
    write(command, await compromiseKey(parts, { kid: args.kid(), since: args.since(), ...args.actor }))
  },
  'keys:prepare': async (parts, args, { write: say }) => {
    const { replacement, created } = await prepareReplacement(parts, {
      another: args.another,
      ...args.actor,
    })
    const { kid, jwk, preparedAt } = replacement
    say(`${created ? 'prepared' : 'waiting already'}: ${kid} prepared=${preparedAt.toISOString()}`)
    say(JSON.stringify({ keys: [jwk] }))
  },
  'keys:replace': async (parts, args, command, door) => {
    const since = args.since()
    const stated = await readStated(parts, command, door)
    write(command, await replaceFederationKey(parts, stated, { since, ...args.actor }))
  },
}

/** Commands that write nothing; before every other one, the restore check is made. */
const READING: ReadonlySet<string> = new Set(['keys:list'])

/** Runs a command on keys; false where the name is of none. Throws ConfigError or RegistryError. */
export async function runKeyCommand(
  command: KeyCommand,
  name: string,
  argv: readonly string[],
): Promise<boolean> {
  if (name === 'keys:seal') {
    await sealKeys(command)
    return true
  }
  const run = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  const options = command.keys
  if (run === undefined || options === undefined) return false
  const environment = readEnvironment(
    IssuingNodeEnvironment.pick({
      ENTITY_ID: true,
      DATABASE_URL: true,
      KEYS_DIR: true,
      KEY_PASSPHRASE_FILE: true,
      JOURNAL_DIR: true,
      PKCS11_MODULE: true,
      PKCS11_TOKEN_LABEL: true,
      PKCS11_PIN_FILE: true,
      ALLOW_LOOPBACK_HTTP: true,
    }),
    command.environment,
  )
  const args = readArguments(argv)
  const ambient = systemAmbient()
  const passphrase = readKeyPassphrase(environment.KEY_PASSPHRASE_FILE)
  const files = createFileKeyDriver({ directory: environment.KEYS_DIR, passphrase }, ambient.randomBytes)
  const settings = readTokenSettings(environment)
  const token = settings === undefined ? undefined : await openTokenDriver(settings, options.loadTokenDrivers)
  const drivers = new Map<string, KeyDriver>([[files.scheme, files]])
  if (token !== undefined) drivers.set(token.scheme, token)
  const db = connect<IssuerTables>({
    url: environment.DATABASE_URL,
    max: 2,
    applicationName: `${command.service}-keys`,
    onIdleError: (error) => command.write(`database: ${error.message}`),
  })
  const door = openOutboundDoor({ allowLoopbackHttp: environment.ALLOW_LOOPBACK_HTTP })
  try {
    if (!READING.has(name))
      await demandRestored({
        db,
        ambient,
        entityId: (await command.foundedAs?.(environment.DATABASE_URL)) ?? environment.ENTITY_ID,
        directory: environment.JOURNAL_DIR,
        witnesses: await command.witnessesOf(environment.DATABASE_URL),
        askWitness: createWitnessAsker(door, ambient),
      })
    const rootKeySetKids = await options.rootKeySetKids?.()
    const parts: KeyParts = {
      db,
      ambient,
      entityId: environment.ENTITY_ID,
      drivers,
      driver: args.driverOf(drivers),
      endorsedBy: options.endorsedBy,
      onFault: (fault) => command.write(fault),
      ...(rootKeySetKids === undefined ? {} : { rootKeySetKids }),
    }
    await run(parts, args, command, door)
  } finally {
    door.close()
    token?.close()
    await db.destroy()
  }
  return true
}

async function sealKeys(command: KeyCommand): Promise<void> {
  const { KEYS_DIR: directory, KEY_PASSPHRASE_FILE: file } = readEnvironment(
    IssuingNodeEnvironment.pick({ KEYS_DIR: true, KEY_PASSPHRASE_FILE: true }),
    command.environment,
  )
  const passphrase = readKeyPassphrase(file)
  if (passphrase === undefined)
    throw new ConfigError(['KEY_PASSPHRASE_FILE: names what the key files are sealed with'])
  const { randomBytes } = systemAmbient()
  const sealed = await sealKeyFiles({ directory, passphrase }, NODE_KEY_PURPOSES, randomBytes)
  command.write(sealed.length === 0 ? 'nothing to seal' : `sealed: ${sealed.join(', ')}`)
}

/** Of the keys that were prepared the root names one, or none: then it is told why the newest does not hold. */
async function readStated(parts: KeyParts, command: KeyCommand, door: OutboundDoor): Promise<StatedKeys> {
  const { readStated: ask } = command.keys ?? {}
  if (ask === undefined) throw new ConfigError(['keys:replace: a root changes its keys by its key sets'])
  const [newest, ...others] = await ringsAfterReplacement(parts)
  const about = { environment: command.environment, ambient: parts.ambient, door }
  return await ask({ ...about, keys: newest }).catch(async (refusal: unknown) => {
    if (!isNotEndorsed(refusal)) throw refusal
    for (const keys of others) {
      try {
        return await ask({ ...about, keys })
      } catch (error) {
        if (!isNotEndorsed(error)) throw error
      }
    }
    throw refusal
  })
}

function isNotEndorsed(error: unknown): boolean {
  return error instanceof RegistryError && error.code === 'key-not-endorsed'
}

async function openLog({ db }: KeyParts, { keys, environment }: KeyCommand) {
  return openStoredKeyLog(db, (await keys?.logQuorum(environment['DATABASE_URL'] ?? '')) ?? 0)
}

function write(command: KeyCommand, key: NodeKey): void {
  command.write(lineOf(key))
}

function lineOf(key: NodeKey): string {
  const times = Object.entries({
    announced: key.announcedAt,
    endorsed: key.endorsedAt,
    activated: key.activatedAt,
    outgoing: key.outgoingAt,
    retired: key.retiredAt,
    compromised: key.compromisedAt,
  }).flatMap(([name, at]) => (at === null ? [] : [`${name}=${at.toISOString()}`]))
  return [key.purpose, key.state, key.kid, ...times].join(' ')
}
