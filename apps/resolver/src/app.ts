import { RegistryError } from '@arc3088/problems'
import {
  createAuthenticator,
  createRoutes,
  createServiceApp,
  mountHealth,
  mountOpenApi,
  type ReadinessCheck,
  type ServiceEnv,
} from '@arc3088/service'
import type { OpenAPIHono } from '@hono/zod-openapi'

import type { ResolverDeps } from './deps.ts'
import { diagnosisRoutes } from './diagnosis/diagnosis.route.ts'
import { limitRoutes } from './http/limits.route.ts'
import { recognitionRoutes } from './recognition/recognition.route.ts'
import { resolutionRoutes } from './resolution/resolution.route.ts'
import { RESOLVER_INFO, VERSION } from './version.ts'

/** Every address of a resolver, on one app. All of them are public: it knows nobody. */
export function createResolverApp(deps: ResolverDeps): OpenAPIHono<ServiceEnv> {
  const { ambient, log, metrics } = deps
  const authenticate = createAuthenticator(
    () => Promise.resolve(undefined),
    () => ambient.now(),
  )
  const app = createServiceApp({
    ambient,
    log,
    metrics,
    authenticate,
    permissions: {},
    clients: deps.clients,
  })
  mountHealth(app, { service: 'resolver', version: VERSION }, [anchorCheck(deps)])
  app.route('/', createResolverRoutes(deps))
  mountOpenApi(app, RESOLVER_INFO)
  return app
}

/** The described routes. Nothing of `deps` is touched before a request comes: the contract is made from them too. */
export function createResolverRoutes(deps: ResolverDeps): OpenAPIHono<ServiceEnv> {
  const routes = createRoutes()
  routes.route('/', resolutionRoutes(deps))
  routes.route('/', recognitionRoutes(deps))
  routes.route('/', diagnosisRoutes())
  routes.route('/', limitRoutes(deps))
  return routes
}

/** Ready while the anchor answers, or what it said before has not expired. */
function anchorCheck({ client }: ResolverDeps): ReadinessCheck {
  return {
    name: 'anchor',
    async check() {
      const troubles = await client.anchorTroubles()
      if (troubles.length > 0) throw new RegistryError('service-unavailable', troubles.join('; '))
    },
  }
}
