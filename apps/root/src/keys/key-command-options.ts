import type { KeyCommandOptions } from '@arc3088/issuer'
import { readConfiguredFile, readEnvironment } from '@arc3088/service'

import { RootEnvironment } from '../config.ts'
import { readStoredWitnesses } from '../witness/stored-witnesses.ts'
import { countWitnesses } from '../witness/witnessing.ts'
import { readKeySetsInForce } from './key-sets-in-force.ts'
import { walkRootKeySets } from './root-key-sets.ts'
import { loadTokenDrivers } from './token.ts'

/** A root's own log is enough for its keys; its federation keys must stand in the newest key set besides (W1). */
export function rootKeyCommands(
  environment: Readonly<Record<string, string | undefined>>,
): KeyCommandOptions {
  return {
    loadTokenDrivers,
    endorsedBy: 'self',
    async rootKeySetKids() {
      const {
        ENTITY_ID: entityId,
        ROOT_KEY_SETS_FILE: file,
        DATABASE_URL: url,
      } = readEnvironment(
        RootEnvironment.pick({ ENTITY_ID: true, ROOT_KEY_SETS_FILE: true, DATABASE_URL: true }),
        environment,
      )
      const given = await walkRootKeySets(readConfiguredFile('ROOT_KEY_SETS_FILE', file), entityId)
      // A set that is in the file alone is not in the log yet, and what it names may not sign.
      const { newest } = await readKeySetsInForce(url, entityId, given)
      return new Set(newest.keys.federation.map(({ kid }) => kid))
    },
    async logQuorum(url) {
      const { LOG_QUORUM: wished } = readEnvironment(RootEnvironment.pick({ LOG_QUORUM: true }), environment)
      return Math.min(wished, countWitnesses(await readStoredWitnesses(url)))
    },
  }
}
