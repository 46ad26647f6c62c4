import { isAbsolute, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

/** What a start of the sandbox was asked for. */
export interface Settings {
  /** Holds everything that the sandbox keeps. */
  readonly stateDir: string
  /** Added to each node's own place (resolver 80, root 88, providers 101 and 102). Undefined: as last time, or 3000. */
  readonly portBase: number | undefined
  /** Begin again: forget everything first. */
  readonly fresh: boolean
  readonly postgresAdminUrl: string | undefined
}

/** The command line or the environment is not usable. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

const PORT_BASE_MAX = 65_535 - 200

/** Reads arguments and environment; a variable that is empty counts as unset. @throws SettingsError */
export function readSettings(given: {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly repository: string
}): Settings {
  const { environment, repository } = given
  const { fresh, 'port-base': portBase } = parse(given.argv)
  const stateDir = environment['ARC3088_STATE_DIR'] || '.arc3088'
  return {
    stateDir: isAbsolute(stateDir) ? resolve(stateDir) : join(repository, stateDir),
    portBase: readPortBase(portBase ?? environment['ARC3088_PORT_BASE']),
    fresh,
    postgresAdminUrl: environment['POSTGRES_ADMIN_URL'] || undefined,
  }
}

function parse(argv: readonly string[]): { fresh: boolean; 'port-base'?: string | undefined } {
  try {
    return parseArgs({
      args: [...argv],
      options: { fresh: { type: 'boolean', default: false }, 'port-base': { type: 'string' } },
    }).values
  } catch (error) {
    throw new SettingsError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`)
  }
}

const USAGE = 'usage: npm start -- [--fresh] [--port-base N]'

function readPortBase(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  const base = Number(text)
  if (Number.isInteger(base) && base >= 1024 && base <= PORT_BASE_MAX) return base
  throw new SettingsError(`ARC3088_PORT_BASE: a number from 1024 to ${PORT_BASE_MAX}\n${USAGE}`)
}
