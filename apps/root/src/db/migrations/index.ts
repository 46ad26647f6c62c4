import type { MigrationOwner } from '@arc3088/db'
import { ISSUER_MIGRATIONS } from '@arc3088/issuer'

import { providers } from './20261122T100000-providers.ts'

/** Every migration of a root's database, in the order they run. */
export const ROOT_MIGRATIONS: readonly MigrationOwner[] = [
  ISSUER_MIGRATIONS,
  { owner: 'root', migrations: { '20261122T100000-providers': providers } },
]
