import type { Subject } from '@arc3088/codec'
import {
  codeRoutes,
  collectEvidence,
  entityConfigurationRoutes,
  issuerTables,
  statusRoutes,
  type CodeAuthority,
} from '@arc3088/issuer'
import { createServiceApp, mountHealth, mountOpenApi, type ServiceEnv } from '@arc3088/service'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { EvidenceBundleInput } from '@arc3088/trust'

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
  const { node } = deps
  const app = createServiceApp({
    ambient: node.ambient,
    log: node.log,
    metrics: node.metrics,
    authenticate: node.authenticate,
    permissions: ROOT_PERMISSIONS,
  })
  const selfDescription = describeRoot(deps)
  const authority: CodeAuthority = {
    db: issuerTables(node.db),
    entityId: node.entityId,
    prefix: deps.prefix,
    signer: node.keys.active('issuing'),
    // A root assigns providers; what stands below one is asked of that provider.
    answersFor: (subject) => subject.level === 'provider',
  }
  const evidence = async (subject: Subject): Promise<EvidenceBundleInput> => {
    const { statement, statementStatusToken } = await readStatementFor(deps, subject)
    return await collectEvidence(authority, node.statusDoor.signStatusList, subject, {
      records: [],
      chains: [[statement, await selfDescription()]],
      root_keys: [...deps.rootKeySets],
      status_list_tokens: [statementStatusToken],
    })
  }
  mountHealth(app, { service: 'root', version: VERSION }, node.readiness)
  app.route('/', entityConfigurationRoutes(selfDescription))
  app.route('/', rootKeySetRoutes(deps))
  app.route('/', federationRoutes(deps))
  app.route('/', statusRoutes(node.statusDoor))
  app.route('/', codeRoutes({ authority: () => authority, evidence }))
  app.route('/', providerRoutes(deps))
  app.route('/', limitRoutes())
  app.route('/', applicationRoutes(deps))
  app.route('/', proposalRoutes(deps))
  app.route('/', auditRoutes(deps))
  mountOpenApi(app, ROOT_INFO)
  return app
}
