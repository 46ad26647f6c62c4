import type { Tier } from '@arc3088/issuer'

import type { Mandate } from '../appointment/mandate.ts'
import type { ProviderTables } from '../db/tables.ts'
import { lockParents } from './instance.store.ts'
import { judgeRegistration, type InstanceFacts, type InstanceRegistration } from './registration.ts'

/** The third tier, and the hot path: instances of approved ontologies, at machine rate (GB/Z 185.2 5.6 c). */
export function instanceTier(parts: {
  mandate: () => Mandate
}): Tier<InstanceRegistration, InstanceFacts, ProviderTables> {
  return {
    level: 'instance',
    operation: 'instance:register',
    wishOf: (request) => request.wish,
    businessTypeOf: (request) => request.businessType,
    lockKeys: () => [],
    readFacts: async (tx, requests) => ({
      parents: await lockParents(tx, requests),
      mandate: parts.mandate(),
    }),
    judge: judgeRegistration,
    // An instance has no row of its own before its life changes; see `instance_life`.
    insert: () => Promise.resolve(),
  }
}
