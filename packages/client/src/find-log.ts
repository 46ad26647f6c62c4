import type { LogMetadata } from '@arc3088/records'
import { PROVIDER_ENTITY_TYPE } from '@arc3088/records'

import { createBasket } from './basket.ts'
import type { Patience } from './document-source.ts'
import type { WalkParts } from './stations.ts'
import { reachRoot, takeStatement } from './stations.ts'

/**
 * What the anchor says of the log at an address: the root of its own, or of that of the entity at this origin. Undefined
 * where it names no such log, or cannot be asked.
 */
export async function findLog(
  parts: WalkParts,
  url: string,
  patience: Patience,
): Promise<LogMetadata | undefined> {
  const basket = createBasket(parts.source, patience)
  const root = await reachRoot(parts, basket)
  if (root === undefined) return undefined
  const { origin } = new URL(url)
  const isOfRoot = [new URL(parts.root.entityId).origin, parts.root.reachedAt].includes(origin)
  if (isOfRoot) return root.log
  const statement = await takeStatement(parts, basket, root, origin)
  return statement?.grant.statement.metadata[PROVIDER_ENTITY_TYPE].tlog
}
