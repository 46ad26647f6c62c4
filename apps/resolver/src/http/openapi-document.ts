import { describeApp, UNDELIVERED } from '@arc3088/service'

import { createResolverRoutes } from '../app.ts'
import type { ResolverDeps } from '../deps.ts'
import { RESOLVER_INFO } from '../version.ts'

/** The contract of a resolver, made from its routes without a network, a configuration or a port. */
export function openApiDocument(): object {
  return describeApp(
    createResolverRoutes(new Proxy<ResolverDeps>({} as ResolverDeps, UNDELIVERED)),
    RESOLVER_INFO,
  )
}
