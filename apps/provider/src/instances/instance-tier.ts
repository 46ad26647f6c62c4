import type { ProviderNumber } from '@arc3088/codec'
import type { Tier } from '@arc3088/issuer'

import type { ProviderTables } from '../db/tables.ts'
import { insertInstances, lockParents } from './instance.store.ts'
import { judgeRegistration, type InstanceParents, type InstanceRegistration } from './registration.ts'

/** The third tier, and the hot path: instances of approved ontologies, at machine rate (GB/Z 185.2 5.6 c). */
export function instanceTier(parts: {
  provider: ProviderNumber
}): Tier<InstanceRegistration, InstanceParents, ProviderTables> {
  return {
    level: 'instance',
    operation: 'instance:register',
    wishOf: (request) => request.wish,
    lockKeys: () => [],
    readFacts: lockParents,
    judge: (request, parents) => judgeRegistration(request, parents, parts.provider),
    insert: (tx, assigned) =>
      insertInstances(
        tx,
        assigned.map(({ key, issuedAt }) => ({ ...key, registeredAt: issuedAt })),
      ),
  }
}
