import { describeApp, UNDELIVERED } from '@arc3088/service'

import { createProviderRoutes } from '../app.ts'
import type { ProviderDeps } from '../deps.ts'
import { PROVIDER_INFO } from '../version.ts'

/** The contract of a provider, made from its routes without a database, a key or a port. */
export function openApiDocument(): object {
  return describeApp(
    createProviderRoutes(new Proxy<ProviderDeps>({} as ProviderDeps, UNDELIVERED)),
    PROVIDER_INFO,
  )
}
