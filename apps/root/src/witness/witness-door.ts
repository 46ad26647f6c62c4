import type { WitnessDoor } from '@arc3088/issuer'

import type { RootDeps } from '../deps.ts'
import { readProviderLog } from '../providers/provider.store.ts'

/** The root watches the logs of its providers, each by the keys that it was assigned with or has named since. */
export function witnessDoor({ node }: RootDeps): WitnessDoor {
  return node.witnessDoor((origin) => readProviderLog(node.db, origin))
}
