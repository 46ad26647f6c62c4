import type { CodeKey, Judgement, StatusIndex } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'

import type { Application } from '../applications/application.ts'

/** What two officers decided: this application, this code (or the next one). */
export interface ProviderAssignment {
  readonly applicationId: string
  readonly wish: number | undefined
  readonly approval: { readonly proposalId: string; readonly officer: string; readonly decision: string }
  /** The place of the subordinate statement in a status list of the root. */
  readonly statementStatus: StatusIndex
}

/** What the database knows of it. */
export interface ProviderFacts {
  readonly applications: ReadonlyMap<string, Application>
  readonly knownEntities: ReadonlySet<string>
}

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
    extra: {
      entity_id: application.entityId,
      organization: application.organization,
      decision: `sha-256:${request.approval.decision}`,
    },
  }
}

/** The application that may become a provider now; throws where it may not. */
export function demandApprovable(application: Application | undefined, id: string): Application {
  if (application === undefined)
    throw new RegistryError('application-not-found', `There is no application ${id}`)
  if (application.state !== 'under-review')
    throw new RegistryError('application-state', `The application is ${application.state}`)
  return application
}
