import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { ConfigError } from '@arc3088/service'

import { writeFileDurably } from '../keys/write-file-durably.ts'

const FILE = 'officer-set.jws'

/**
 * The first officer set as this node pins it: a file beside the private keys, so that nobody who merely writes to the
 * database can enrol officers of his own. Undefined before the ceremony.
 */
export function readPinnedOfficerSet(keysDir: string): string | undefined {
  try {
    return readFileSync(join(keysDir, FILE), 'utf8').trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new ConfigError([`${FILE}: ${error instanceof Error ? error.message : String(error)}`])
  }
}

/** Pins the first officer set. */
export function pinOfficerSet(keysDir: string, jws: string): void {
  writeFileDurably(join(keysDir, FILE), `${jws}\n`)
}
