import type { Subject } from '@arc3088/codec'
import { isRetryable } from '@arc3088/db'
import {
  auditRoutes,
  codeHistoryRoutes,
  codeRoutes,
  collectEvidence,
  createKeyHistory,
  entityConfigurationRoutes,
  issuerTables,
  issuingNodeRoutes,
  keyHistoryRoutes,
  operatorDeskRoutes,
  readAuditEntries,
  witnessRoutes,
  type CodeAuthority,
} from '@arc3088/issuer'
import {
  createRoutes,
  createServiceApp,
  limitRoutes,
  mountHealth,
  mountOpenApi,
  type ServiceEnv,
} from '@arc3088/service'
import type { EvidenceBundleInput } from '@arc3088/trust'
import type { OpenAPIHono } from '@hono/zod-openapi'

import { applicationDeskRoutes } from './applications/application-desk.route.ts'
import { advisoryDeskRoutes } from './advisories/advisory-desk.route.ts'
import { advisoryRoutes } from './advisories/advisory.route.ts'
import { agreementDeskRoutes } from './agreements/agreement-desk.route.ts'
import { agreementDoorRoutes } from './agreements/agreement-door.route.ts'
import { agreementRoutes } from './agreements/agreement.route.ts'
import { applicationRoutes } from './applications/application.route.ts'
import { proposeRejectionRoutes } from './applications/propose-rejection.route.ts'
import { certifierRoutes } from './certifiers/certifier.route.ts'
import type { RootDeps } from './deps.ts'
import { federationRoutes } from './federation/federation.route.ts'
import { extendedListRoutes } from './federation/extended-list.route.ts'
import { createResolutionCache } from './federation/resolution-cache.ts'
import { resolveRoutes } from './federation/resolve.route.ts'
import { createStatementCache } from './federation/statement-cache.ts'
import { describeRoot } from './federation/self-description.ts'
import { foreignRootRoutes } from './foreign-roots/foreign-root.route.ts'
import { limitsInForce } from './limits.ts'
import { indicatorRoutes } from './indicators/indicator.route.ts'
import { rootKeySetRoutes } from './keys/root-key-sets.route.ts'
import { ROOT_PERMISSIONS } from './permissions.ts'
import { decisionRoutes } from './officers/decision.route.ts'
import { operatorDesk } from './officers/operator-desk.ts'
import { proposeApprovalRoutes } from './proposals/propose-approval.route.ts'
import { proposalRoutes } from './proposals/proposal.route.ts'
import { providerKeyRoutes } from './provider-keys/provider-key.route.ts'
import { nameLogRoutes } from './providers/name-log.route.ts'
import { directoryRoutes } from './providers/directory.route.ts'
import { judgeStanding } from './providers/judge-standing.ts'
import { providerRoutes } from './providers/provider.route.ts'
import { readStatementFor } from './providers/statement-for.ts'
import { recognitionListRoutes } from './recognition/recognition-list.route.ts'
import { scenarioRoutes } from './scenarios/scenario.route.ts'
import { ROOT_INFO, VERSION } from './version.ts'
import { witnessDoor } from './witness/witness-door.ts'

/** Every address of a root, on one app. */
export function createRootApp(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  const { ambient, log, metrics, authenticate, readiness } = deps.node
  const parts = { ambient, log, metrics, authenticate, permissions: ROOT_PERMISSIONS, clients: deps.clients }
  const app = createServiceApp(parts, {
    isTransient: isRetryable,
    demandWritable: () => deps.node.gate.demandWritable(),
  })
  mountHealth(app, { service: 'root', version: VERSION }, readiness)
  app.route('/', createRootRoutes(deps))
  mountOpenApi(app, ROOT_INFO)
  return app
}

/** The described routes. Nothing of `deps` is touched before a request comes: the contract is made from them too. */
export function createRootRoutes(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  const selfDescription = describeRoot(deps)
  const statements = createStatementCache(deps)
  // A root assigns providers; what stands below one is asked of that provider.
  const authority = (): CodeAuthority => ({
    ...deps.node.authority(deps.prefix, (subject) => subject.level === 'provider'),
    judgeStanding: (subject, said) => judgeStanding(deps.lives, subject, said),
  })
  const evidence = async (subject: Subject): Promise<EvidenceBundleInput> => {
    const { statement, statementStatusToken } = await readStatementFor(deps, statements, subject)
    return await collectEvidence(authority(), deps.node.statusDoor.signStatusList, subject, {
      records: [],
      chains: [[statement, await selfDescription()]],
      root_keys: [...deps.rootKeySets],
      status_list_tokens: [statementStatusToken],
    })
  }
  const keyHistory = createKeyHistory(() => ({
    db: issuerTables(deps.node.db),
    ambient: deps.node.ambient,
    entityId: deps.node.entityId,
    keys: deps.node.keys,
  }))
  const resolutionParts = () => ({ deps, statements, selfDescription })
  const routes = createRoutes()
  const parts = [
    entityConfigurationRoutes(selfDescription),
    rootKeySetRoutes(deps),
    federationRoutes(deps, statements),
    extendedListRoutes(deps, statements),
    resolveRoutes(resolutionParts, createResolutionCache(resolutionParts)),
    codeRoutes({ authority, evidence }),
    codeHistoryRoutes({ authority }),
    ...issuingNodeRoutes(() => deps.node),
    providerRoutes(deps),
    directoryRoutes(deps),
    nameLogRoutes(deps, statements),
    witnessRoutes(() => witnessDoor(deps)),
    providerKeyRoutes(deps, statements),
    keyHistoryRoutes(keyHistory),
    limitRoutes(() => limitsInForce(deps)),
    applicationRoutes(deps),
    applicationDeskRoutes(deps),
    proposeRejectionRoutes(deps),
    proposeApprovalRoutes(deps),
    proposalRoutes(deps),
    decisionRoutes(deps),
    advisoryRoutes(deps),
    advisoryDeskRoutes(deps),
    certifierRoutes(deps),
    scenarioRoutes(deps),
    indicatorRoutes(deps),
    foreignRootRoutes(deps),
    agreementRoutes(deps),
    agreementDoorRoutes(deps),
    agreementDeskRoutes(deps),
    recognitionListRoutes(deps),
    ...operatorDeskRoutes(() => operatorDesk(deps)),
    auditRoutes((page) => readAuditEntries(issuerTables(deps.node.db), page)),
  ]
  for (const part of parts) routes.route('/', part)
  return routes
}
