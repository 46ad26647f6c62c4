import type { Subject } from '@arc3088/codec'
import {
  codeRoutes,
  collectEvidence,
  entityConfigurationRoutes,
  issuerTables,
  statusRoutes,
  type CodeAuthority,
} from '@arc3088/issuer'
import { createRoutes, createServiceApp, mountHealth, mountOpenApi, type ServiceEnv } from '@arc3088/service'
import type { EvidenceBundleInput } from '@arc3088/trust'
import type { OpenAPIHono } from '@hono/zod-openapi'

import { applicationRoutes } from './applications/application.route.ts'
import type { RootDeps } from './deps.ts'
import { auditRoutes } from './desk/audit.route.ts'
import { federationRoutes } from './federation/federation.route.ts'
import { describeRoot } from './federation/self-description.ts'
import { limitRoutes } from './http/limits.route.ts'
import { rootKeySetRoutes } from './keys/root-key-sets.route.ts'
import { ROOT_PERMISSIONS } from './permissions.ts'
import { proposalRoutes } from './proposals/proposal.route.ts'
import { providerRoutes } from './providers/provider.route.ts'
import { readStatementFor } from './providers/statement-for.ts'
import { ROOT_INFO, VERSION } from './version.ts'

/** Every address of a root, on one app. */
export function createRootApp(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  const { ambient, log, metrics, authenticate, readiness } = deps.node
  const app = createServiceApp({ ambient, log, metrics, authenticate, permissions: ROOT_PERMISSIONS })
  mountHealth(app, { service: 'root', version: VERSION }, readiness)
  app.route('/', createRootRoutes(deps))
  mountOpenApi(app, ROOT_INFO)
  return app
}

/** The described routes. Nothing of `deps` is touched before a request comes: the contract is made from them too. */
export function createRootRoutes(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  const selfDescription = describeRoot(deps)
  const authority = (): CodeAuthority => ({
    db: issuerTables(deps.node.db),
    entityId: deps.node.entityId,
    prefix: deps.prefix,
    signer: deps.node.keys.active('issuing'),
    // A root assigns providers; what stands below one is asked of that provider.
    answersFor: (subject) => subject.level === 'provider',
  })
  const evidence = async (subject: Subject): Promise<EvidenceBundleInput> => {
    const { statement, statementStatusToken } = await readStatementFor(deps, subject)
    return await collectEvidence(authority(), deps.node.statusDoor.signStatusList, subject, {
      records: [],
      chains: [[statement, await selfDescription()]],
      root_keys: [...deps.rootKeySets],
      status_list_tokens: [statementStatusToken],
    })
  }
  const routes = createRoutes()
  routes.route('/', entityConfigurationRoutes(selfDescription))
  routes.route('/', rootKeySetRoutes(deps))
  routes.route('/', federationRoutes(deps))
  routes.route(
    '/',
    statusRoutes(() => deps.node.statusDoor),
  )
  routes.route('/', codeRoutes({ authority, evidence }))
  routes.route('/', providerRoutes(deps))
  routes.route('/', limitRoutes(deps))
  routes.route('/', applicationRoutes(deps))
  routes.route('/', proposalRoutes(deps))
  routes.route('/', auditRoutes(deps))
  return routes
}
