import type { WitnessDoor } from '@arc3088/issuer'

import type { RootDeps } from '../deps.ts'
import { logOfOrigin } from '../providers/log-owners.ts'
import { findRecognisedLog } from './recognised-logs.ts'

/**
 * The root watches the logs of its providers, each by the keys that it was assigned with or has named since, and those of
 * recognised roots, by their verified configuration, while witnessing is mutual.
 */
export function witnessDoor(deps: RootDeps): WitnessDoor {
  const { node, foreignRoots, agreements, lives } = deps
  const { entityId, ambient, log } = node
  const recognised = { foreignRoots, agreements, entityId, ambient, log }
  return node.witnessDoor(
    async (origin) => (await logOfOrigin(lives, origin)) ?? (await findRecognisedLog(recognised, origin)),
  )
}
