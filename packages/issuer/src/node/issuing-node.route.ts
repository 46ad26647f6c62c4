import type { ServiceEnv } from '@arc3088/service'
import type { OpenAPIHono } from '@hono/zod-openapi'

import type { IssuerTables } from '../db/tables.ts'
import { changeRoutes } from '../feed/change.route.ts'
import { snapshotRoutes } from '../feed/snapshot.route.ts'
import { tlogRoutes } from '../log/tlog.route.ts'
import { statusRoutes } from '../status/status.route.ts'
import type { IssuingNode } from './issuing-node.ts'

/** What every issuing node shows of itself: status lists, log, feed and snapshots. */
export function issuingNodeRoutes(
  node: () => Pick<IssuingNode<IssuerTables>, 'statusDoor' | 'tlog' | 'feed'>,
): OpenAPIHono<ServiceEnv>[] {
  return [
    statusRoutes(() => node().statusDoor),
    tlogRoutes(() => ({ log: node().tlog })),
    changeRoutes(() => node().feed),
    snapshotRoutes(() => node().feed),
  ]
}
