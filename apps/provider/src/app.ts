import { isRetryable } from '@arc3088/db'
import {
  auditRoutes,
  codeHistoryRoutes,
  codeRoutes,
  createKeyHistory,
  entityConfigurationRoutes,
  issuerTables,
  issuingNodeRoutes,
  keyHistoryRoutes,
  numberingRoutes,
  operatorDeskRoutes,
  readAuditEntries,
  witnessRoutes,
} from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import {
  BODY_BYTES_MAX,
  createRoutes,
  createServiceApp,
  limitRoutes,
  mountHealth,
  mountOpenApi,
  type ReadinessCheck,
  type ServiceEnv,
} from '@arc3088/service'
import type { OpenAPIHono } from '@hono/zod-openapi'

import { advisoryRoutes } from './advisories/advisory.route.ts'
import type { ProviderDeps } from './deps.ts'
import { bulkRoutes, isBulkPath } from './instances/bulk.route.ts'
import { instanceRoutes } from './instances/instance.route.ts'
import { lifeRoutes } from './life/life.route.ts'
import { limitsInForce } from './limits.ts'
import { operatorDesk } from './operators/operator-desk.ts'
import { ontologyDeskRoutes } from './ontologies/ontology-desk.route.ts'
import { ontologyRoutes } from './ontologies/ontology.route.ts'
import { PROVIDER_PERMISSIONS } from './permissions.ts'
import { requesterDeskRoutes } from './requesters/requester-desk.route.ts'
import { requesterRoutes } from './requesters/requester.route.ts'
import { evidenceFor } from './resolution/evidence.ts'
import { codeAuthority } from './resolution/own-codes.ts'
import { PROVIDER_INFO, VERSION } from './version.ts'
import { witnessDoor } from './witness/witness-door.ts'

/** Every address of a provider, on one app. */
export function createProviderApp(deps: ProviderDeps): OpenAPIHono<ServiceEnv> {
  const { ambient, log, metrics, authenticate, readiness } = deps.node
  const parts = {
    ambient,
    log,
    metrics,
    authenticate,
    permissions: PROVIDER_PERMISSIONS,
    clients: deps.clients,
  }
  const app = createServiceApp(parts, {
    isTransient: isRetryable,
    demandWritable: () => deps.node.gate.demandWritable(),
    bodyBytesMax: (path) => (isBulkPath(path) ? Infinity : BODY_BYTES_MAX),
  })
  mountHealth(app, { service: 'provider', version: VERSION }, [...readiness, appointed(deps)])
  app.route('/', createProviderRoutes(deps))
  mountOpenApi(app, PROVIDER_INFO)
  return app
}

/** The described routes. Nothing of `deps` is touched before a request comes: the contract is made from them too. */
export function createProviderRoutes(deps: ProviderDeps): OpenAPIHono<ServiceEnv> {
  const keyHistory = createKeyHistory(() => ({
    db: issuerTables(deps.node.db),
    ambient: deps.node.ambient,
    entityId: deps.node.entityId,
    keys: deps.node.keys,
  }))
  const routes = createRoutes()
  const parts = [
    entityConfigurationRoutes(() => deps.selfDescription()),
    witnessRoutes(() => witnessDoor(deps)),
    keyHistoryRoutes(keyHistory),
    codeRoutes({
      authority: () => codeAuthority(deps),
      evidence: (subject) => evidenceFor(deps, subject),
    }),
    codeHistoryRoutes({ authority: () => codeAuthority(deps) }),
    ...issuingNodeRoutes(() => deps.node),
    lifeRoutes(deps),
    requesterRoutes(deps),
    ontologyRoutes(deps),
    instanceRoutes(deps),
    bulkRoutes(deps),
    numberingRoutes(() => {
      const { db, ambient, gate, plan } = deps.node
      return { db: issuerTables(db), ambient, gate, plan }
    }),
    limitRoutes(() => limitsInForce(deps)),
    requesterDeskRoutes(deps),
    ontologyDeskRoutes(deps),
    advisoryRoutes(deps),
    ...operatorDeskRoutes(() => operatorDesk(deps)),
    auditRoutes((page) => readAuditEntries(issuerTables(deps.node.db), page)),
  ]
  for (const part of parts) routes.route('/', part)
  return routes
}

/** A provider without a code can do nothing that it is for. */
function appointed(deps: ProviderDeps): ReadinessCheck {
  return {
    name: 'appointment',
    check: () =>
      deps.appointment.isKnown()
        ? Promise.resolve()
        : Promise.reject(new RegistryError('awaiting-assignment', 'awaiting-assignment')),
  }
}
