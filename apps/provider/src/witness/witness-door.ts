import type { WitnessDoor } from '@arc3088/issuer'

import type { ProviderDeps } from '../deps.ts'

/** A provider watches the log of its root, by the keys that the root's configuration names, and no other. */
export function witnessDoor({ node, appointment }: ProviderDeps): WitnessDoor {
  return node.witnessDoor((origin) => {
    const { root } = appointment.log()
    return Promise.resolve(root?.origin === origin ? root : undefined)
  })
}
