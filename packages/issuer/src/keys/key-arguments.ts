import { parseArgs } from 'node:util'

import { NODE_KEY_PURPOSES, type NodeKeyPurpose } from '@arc3088/records'
import { ConfigError } from '@arc3088/service'

import type { KeyDriver, KeyDrivers } from './key-driver.ts'
import type { KeyActor } from './key-parts.ts'

/** How the commands are called; each also takes `--by NAME --reason TEXT` for the trail. */
export const KEY_COMMANDS_USAGE =
  'keys:list | keys:seal | keys:announce --purpose PURPOSE [--driver file|pkcs11] | keys:activate --kid KID | keys:retire --kid KID | keys:compromised --kid KID --since TIME | keys:prepare [--another] | keys:replace --since TIME'

/** The arguments of a command, each demanded where it is needed. */
export interface KeyArguments {
  readonly actor: KeyActor
  /** Whether another key is wanted than the one that waits. */
  readonly another: boolean
  /** The driver that makes a new key: files, where nothing else is said. */
  driverOf(drivers: KeyDrivers): KeyDriver
  purpose(): NodeKeyPurpose
  kid(): string
  since(): Date
}

/** Reads them. Throws ConfigError for what is missing or none. */
export function readArguments(argv: readonly string[]): KeyArguments {
  const { values } = parseArguments(argv)
  const demand = (name: 'purpose' | 'kid' | 'since'): string => {
    const value = values[name]
    if (value === undefined) throw new ConfigError([`--${name} is missing; use ${KEY_COMMANDS_USAGE}`])
    return value
  }
  return {
    actor: { actor: values.by, reason: values.reason ?? null },
    another: values.another,
    driverOf(drivers) {
      const driver = drivers.get(values.driver)
      if (driver === undefined)
        throw new ConfigError([`--driver ${values.driver}: one of ${[...drivers.keys()].join(', ')}`])
      return driver
    },
    purpose() {
      const text = demand('purpose')
      const purpose = NODE_KEY_PURPOSES.find((each) => each === text)
      if (purpose === undefined)
        throw new ConfigError([`--purpose ${text}: one of ${NODE_KEY_PURPOSES.join(', ')}`])
      return purpose
    },
    kid: () => demand('kid'),
    since() {
      const text = demand('since')
      const since = new Date(text)
      if (!ISO_TIME.test(text) || Number.isNaN(since.getTime()))
        throw new ConfigError([`--since ${text}: a time such as 2026-11-22T10:00:00Z`])
      return since
    },
  }
}

/** With its offset: a time that means another instant on another machine is no time to date a compromise by. */
const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/

/** A kid is a thumbprint in base64url: one in 64 begins with a dash, which would be taken for an option. */
const KID_WITH_DASH = /^-[\w-]{42}$/

function withKidJoined(argv: readonly string[]): string[] {
  const at = argv.indexOf('--kid')
  const kid = argv[at + 1] ?? ''
  if (at === -1 || !KID_WITH_DASH.test(kid)) return [...argv]
  return [...argv.slice(0, at), `--kid=${kid}`, ...argv.slice(at + 2)]
}

function parseArguments(argv: readonly string[]) {
  try {
    return parseArgs({
      args: withKidJoined(argv),
      options: {
        purpose: { type: 'string' },
        driver: { type: 'string', default: 'file' },
        kid: { type: 'string' },
        since: { type: 'string' },
        by: { type: 'string', default: 'command line' },
        reason: { type: 'string' },
        another: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    throw new ConfigError([
      `${error instanceof Error ? error.message : String(error)}; use ${KEY_COMMANDS_USAGE}`,
    ])
  }
}
