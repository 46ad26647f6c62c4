import type { KeyCommandOptions } from '@arc3088/issuer'

import { readStoredLog } from '../appointment/stored-log.ts'
import { readStated } from './read-stated.ts'
import { loadTokenDrivers } from './token.ts'

/** A provider's keys are endorsed by the root, and its log is held to the quorum of the root's last word. */
export function providerKeyCommands(): KeyCommandOptions {
  return {
    loadTokenDrivers,
    endorsedBy: 'root',
    logQuorum: async (databaseUrl) => (await readStoredLog(databaseUrl))?.quorum ?? 0,
    readStated,
  }
}
