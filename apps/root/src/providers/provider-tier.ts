import type { Judgement, Tier } from '@arc3088/issuer'

import { judgeAssignment, type ProviderAssignment, type ProviderFacts } from './assignment.ts'
import { lockApplications } from '../applications/application.store.ts'
import { insertApprovals } from '../applications/application-step.store.ts'
import type { RootTables } from '../db/tables.ts'
import { insertProviders, readKnownEntities } from './provider.store.ts'

/** The root's one tier: an organisation gets a provider code (GB/Z 185.2 5.4). */
export const providerTier: Tier<ProviderAssignment, ProviderFacts, RootTables> = {
  level: 'provider',
  operation: 'provider:assign',
  wishOf: (request) => request.wish,
  lockKeys: () => [],
  async readFacts(tx, requests) {
    const applications = await lockApplications(
      tx,
      requests.map((request) => request.applicationId),
    )
    const entityIds = [...applications.values()].map((application) => application.entityId)
    return { applications, knownEntities: await readKnownEntities(tx, entityIds) }
  },
  judge: (request, facts): Judgement => judgeAssignment(request, facts),
  async insert(tx, assigned) {
    await insertProviders(
      tx,
      assigned.map(({ request, key, issuedAt }) => ({ request, code: key.provider, assignedAt: issuedAt })),
    )
    await insertApprovals(
      tx,
      assigned.map(({ request: { applicationId, approval }, issuedAt }) => ({
        applicationId,
        actor: approval.officer,
        proposalId: approval.proposalId,
        at: issuedAt,
      })),
    )
  },
}
