import type { MigrationOwner } from '@arc3088/db'
import { ISSUER_MIGRATIONS } from '@arc3088/issuer'

import { appointment } from './20261122T110000-appointment.ts'
import { requesters } from './20261122T110100-requesters.ts'
import { ontologies } from './20261122T110200-ontologies.ts'
import { instances } from './20261122T110300-instances.ts'
import { instanceLife } from './20261122T180200-instance-life.ts'
import { rootAdvisories } from './20261122T215100-root-advisories.ts'
import { requesterSubmissions } from './20261123T050000-requester-submissions.ts'

/** Every migration of a provider's database, in the order they run. */
export const PROVIDER_MIGRATIONS: readonly MigrationOwner[] = [
  ISSUER_MIGRATIONS,
  {
    owner: 'provider',
    migrations: {
      '20261122T110000-appointment': appointment,
      '20261122T110100-requesters': requesters,
      '20261122T110200-ontologies': ontologies,
      '20261122T110300-instances': instances,
      '20261122T180200-instance-life': instanceLife,
      '20261122T215100-root-advisories': rootAdvisories,
      '20261123T050000-requester-submissions': requesterSubmissions,
    },
  },
]
