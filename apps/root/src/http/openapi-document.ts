import { describeApp, UNDELIVERED } from '@arc3088/service'

import { createRootRoutes } from '../app.ts'
import type { RootDeps } from '../deps.ts'
import { ROOT_INFO } from '../version.ts'

/** The contract of a root, made from its routes without a database, a key or a port. */
export function openApiDocument(): object {
  return describeApp(createRootRoutes(new Proxy<RootDeps>({} as RootDeps, UNDELIVERED)), ROOT_INFO)
}
