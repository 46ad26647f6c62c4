import type { CodeKey, Judgement } from '@arc3088/issuer'

import type { ProviderAssignment, ProviderFacts } from './provider-tier.ts'

const ROOT_KEY: CodeKey = { provider: 0, requester: 0, ontology: 0, instance: 0 }

/**
 * Decides whether an approved proposal may become a code. Only an organisation whose application is under
 * review becomes a provider (GB/Z 185.2 5.4), and it becomes one once (6 d).
 */
export function judgeAssignment(request: ProviderAssignment, facts: ProviderFacts): Judgement {
  const application = facts.applications.get(request.applicationId)
  if (application === undefined) {
    return {
      kind: 'refuse',
      because: 'application-not-found',
      detail: `There is no application ${request.applicationId}`,
    }
  }
  if (facts.knownEntities.has(application.entityId)) {
    return {
      kind: 'refuse',
      because: 'entity-known',
      detail: `${application.entityId} is a provider already`,
    }
  }
  if (application.state !== 'under-review') {
    return { kind: 'refuse', because: 'application-state', detail: `The application is ${application.state}` }
  }
  return {
    kind: 'assign',
    parent: ROOT_KEY,
    ...(request.wish === undefined ? {} : { wish: request.wish }),
    extra: { entity_id: application.entityId, organization: application.organization },
  }
}
