import { createCosigner, issuerTables, type WitnessDoor } from '@arc3088/issuer'

import type { ProviderDeps } from '../deps.ts'

/** A provider watches the log of its root, by the keys that the root's configuration names, and no other. */
export function witnessDoor({ node, appointment }: ProviderDeps): WitnessDoor {
  const { ambient, db, entityId, gate, keys, log } = node
  return {
    db: issuerTables(db),
    ambient,
    log,
    gate,
    cosigner: createCosigner(entityId, keys.active('tlog')),
    logOf(origin) {
      const { root } = appointment.log()
      return Promise.resolve(root?.origin === origin ? root : undefined)
    },
  }
}
