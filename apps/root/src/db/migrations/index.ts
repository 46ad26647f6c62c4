import type { MigrationOwner } from '@arc3088/db'
import { ISSUER_MIGRATIONS } from '@arc3088/issuer'

import { providers } from './20261122T100000-providers.ts'
import { providerKeys } from './20261122T190310-provider-keys.ts'
import { providerLog } from './20261122T190600-provider-log.ts'
import { providerLogKeys } from './20261122T190700-provider-log-keys.ts'
import { rootKeySets } from './20261122T211000-root-key-sets.ts'
import { rootKeySetRows } from './20261122T211100-root-key-set-rows.ts'
import { applicationSteps } from './20261122T212000-application-steps.ts'
import { agreements } from './20261122T214000-agreements.ts'
import { providerLives } from './20261122T213000-provider-lives.ts'
import { advisories } from './20261122T215000-advisories.ts'
import { recognitionListNumbers } from './20261123T040100-recognition-list-numbers.ts'
import { forkRows } from './20261123T090100-fork-rows.ts'

/** Every migration of a root's database, in the order they run. */
export const ROOT_MIGRATIONS: readonly MigrationOwner[] = [
  ISSUER_MIGRATIONS,
  {
    owner: 'root',
    migrations: {
      '20261122T100000-providers': providers,
      '20261122T190310-provider-keys': providerKeys,
      '20261122T190600-provider-log': providerLog,
      '20261122T190700-provider-log-keys': providerLogKeys,
      '20261122T211000-root-key-sets': rootKeySets,
      '20261122T211100-root-key-set-rows': rootKeySetRows,
      '20261122T212000-application-steps': applicationSteps,
      '20261122T213000-provider-lives': providerLives,
      '20261122T214000-agreements': agreements,
      '20261122T215000-advisories': advisories,
      '20261123T040100-recognition-list-numbers': recognitionListNumbers,
      '20261123T090100-fork-rows': forkRows,
    },
  },
]
